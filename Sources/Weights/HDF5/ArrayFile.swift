// HDF5 files of results: named arrays, at the root or in a group for each record, with text attributes.

package import Platform
package import Tensors

/// A file of results that is being written, record by record or in one go.
package struct ArrayFile: ~Copyable {
  /// One array, row-major, little-endian.
  package struct Array: Sendable {
    /// Name below the root or the record's group; slashes make groups.
    let name: String
    let elementType: ElementType
    /// Extents; none for a scalar.
    let shape: [Int]
    let bytes: [UInt8]

    package init(_ name: String, _ elementType: ElementType, _ shape: [Int], bytes: [UInt8]) {
      precondition(shape.reduce(elementType.byteCount, *) == bytes.count, "\(name): \(bytes.count) bytes for \(shape)")
      self.name = name
      self.elementType = elementType
      self.shape = shape
      self.bytes = bytes
    }
  }

  /// What is said about a group or dataset.
  package struct Attributes: Sendable {
    private let texts: [(name: String, value: String)]
    private let integers: [(name: String, value: Int)]

    package init(texts: [(name: String, value: String)], integers: [(name: String, value: Int)] = []) {
      self.texts = texts
      self.integers = integers
    }

    fileprivate var all: [HDF5Attribute] {
      ArrayFile.attributes(texts) + integers.map { HDF5Attribute($0.name, .integer($0.value)) }
    }
  }

  private var writer: HDF5Writer
  private let attributes: [HDF5Attribute]
  private var members: [HDF5Writer.Member] = []

  /// Begins the file in `part`, which is empty; `attributes` are those of the file. Texts are of variable length, which h5py
  /// gives as `str`.
  package init(_ part: UnfinishedFile, attributes: [(name: String, value: String)]) {
    writer = HDF5Writer(part)
    self.attributes = Self.attributes(attributes)
  }

  fileprivate static func attributes(_ texts: [(name: String, value: String)]) -> [HDF5Attribute] {
    texts.map { HDF5Attribute($0.name, .variableText($0.value)) }
  }

  /// Adds the group `name`, which must be new, with its attributes and arrays. Throws if the file cannot be written.
  package mutating func append(
    group name: String, attributes: Attributes, arrays: [Array]
  ) throws(WeightError) {
    let object = try addGroup(arrays.map { ($0.name[...], $0) }, attributes.all)
    members.append((name, object))
  }

  /// Adds an array at the root under another name, which must be new and without slashes, with its attributes. Throws if the
  /// file cannot be written.
  package mutating func append(
    dataset name: String, attributes: Attributes, _ array: Array
  ) throws(WeightError) {
    members.append((name, try addDataset(array.elementType, array.shape, array.bytes, attributes.all)))
  }

  /// Adds an array at the root, whose name must be new and without slashes: its elements, row-major, little-endian. Throws
  /// if the file cannot be written.
  package mutating func append<Element: BitwiseCopyable>(
    _ name: String, _ type: ElementType, _ shape: [Int], _ values: [Element]
  ) throws(WeightError) {
    precondition(
      shape.reduce(type.byteCount, *) == values.count * MemoryLayout<Element>.stride, "\(name): \(values.count) values")
    members.append((name, try addDataset(type, shape, values)))
  }

  /// Adds an array at the root, whose name must be new and without slashes, with its attributes: the bytes of its elements,
  /// row-major, little-endian. Throws if the file cannot be written.
  package mutating func append(
    _ name: String, _ type: ElementType, _ shape: [Int], bytes: UnsafeRawBufferPointer, attributes: Attributes
  ) throws(WeightError) {
    precondition(shape.reduce(type.byteCount, *) == bytes.count, "\(name): \(bytes.count) bytes for \(shape)")
    members.append((name, try writer.add(type, shape, bytes, attributes: attributes.all)))
  }

  private mutating func addDataset<Element: BitwiseCopyable>(
    _ type: ElementType, _ shape: [Int], _ values: [Element], _ attributes: [HDF5Attribute] = []
  ) throws(WeightError) -> HDF5Writer.Object {
    try values.withUnsafeBufferPointer { (values) throws(WeightError) in
      try writer.add(type, shape, UnsafeRawBufferPointer(values), attributes: attributes)
    }
  }

  /// Adds a group with arrays whose names may begin with further groups, which appear where their first array does.
  private mutating func addGroup(
    _ arrays: [(name: Substring, array: Array)], _ attributes: [HDF5Attribute] = []
  ) throws(WeightError) -> HDF5Writer.Object {
    var members: [HDF5Writer.Member] = [], groups = Set<Substring>()
    for (name, array) in arrays {
      guard let slash = name.firstIndex(of: "/") else {
        members.append((String(name), try addDataset(array.elementType, array.shape, array.bytes)))
        continue
      }
      let group = name[..<slash]
      guard groups.insert(group).inserted else { continue }
      let inside = arrays.filter { $0.name.hasPrefix(group + "/") }.map {
        ($0.name.dropFirst(group.count + 1), $0.array)
      }
      members.append((String(group), try addGroup(inside)))
    }
    return try writer.addGroup(members, attributes: attributes)
  }

  /// A text attribute of an object of a complete file, which may be a part of another one; `nil` when it has none of this
  /// name. Throws when there is no such file.
  package static func attribute(
    _ name: String, of object: String = "/", ofFile path: String, part: Range<Int>? = nil
  ) throws(WeightError) -> String? {
    let mapped = try MappedFile(path, part: part)
    return try HDF5File(image: mapped.bytes, owner: mapped, path: path).text(name, of: object)
  }

  /// Completes the file, waits until it is on the disk and reads it back. Throws if something is not as it was written.
  package consuming func finish() throws(WeightError) {
    let root = try writer.addGroup(members, attributes: attributes)
    try writer.finish(root: root)
  }
}
