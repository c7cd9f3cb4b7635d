// Reads HDF5 files from an image in memory (a mapped file, or data embedded in the program) without the library, which
// crashes on forged metadata: attributes, groups and contiguous datasets in the form of HDF5 1.8, as this program and the
// library write them.

package import Tensors

/// An HDF5 file to read. Its data are reached through their offsets; every method looks at the metadata again.
package struct HDF5File: Sendable {
  /// A contiguous dataset of one of our element types.
  package struct Dataset: Equatable, Sendable {
    package let name: String
    package let elementType: ElementType
    package let shape: [Int]
    /// Where the data begin in the file; 0 for a dataset without elements.
    package let offset: Int
  }

  /// The path as it was given, for messages.
  package let path: String
  /// `nonisolated(unsafe)`: nobody writes to it.
  private nonisolated(unsafe) let image: UnsafeRawBufferPointer
  /// What keeps the image alive.
  private let owner: any AnyObject & Sendable
  /// The address of the root group.
  private let root: Int

  /// Opens `image`, the bytes of a whole file that `owner` keeps alive. `path` is named in messages only.
  ///
  /// - Throws: `WeightError.notACache` when it is not in the form of HDF5 1.8, `truncated` when its end is missing,
  ///   `malformed` when its first block is damaged.
  package init(
    image: UnsafeRawBufferPointer, owner: any AnyObject & Sendable, path: String
  ) throws(WeightError) {
    guard image.count >= HDF5Format.superblockSize, image.starts(with: HDF5Format.signature) else {
      throw .notACache(path: path, found: "no HDF5 file")
    }
    // The metadata of older versions have no checksums.
    guard [2, 3].contains(image[8]), image[9] == 8, image[10] == 8 else {
      throw .notACache(path: path, found: "an HDF5 file of another program")
    }
    let what = "superblock"
    var file = HDF5Bytes(image, path: path)
    // The file tells its size.
    let end = UInt64(littleEndian: image.loadUnaligned(fromByteOffset: 28, as: UInt64.self))
    guard end <= UInt64(image.count) else {
      throw .truncated(path: path, bytes: image.count, expected: Int(clamping: end))
    }
    let superblock = try file.structure("", 0, HDF5Format.superblockSize, what)
    guard HDF5Bytes.number(superblock, 12, 8) == 0, let root = try file.address(superblock, 36, what) else {
      throw file.malformed(what, "another base address", "addresses from the start of the file")
    }
    (self.path, self.image, self.owner, self.root) = (path, image, owner, root)
  }

  // MARK: Objects

  /// The header of the object at a path of names; `nil` when there is none.
  private func header(_ name: String, _ file: inout HDF5Bytes) throws(WeightError) -> HDF5Header? {
    var header = try HDF5Header(&file, at: root)
    for part in name.split(separator: "/") {
      guard let link = header.links?.first(where: { $0.name.utf8.elementsEqual(part.utf8) }) else { return nil }
      header = try HDF5Header(&file, at: link.address)
    }
    return header
  }

  /// The members of the group `name`.
  private func links(_ name: String, _ file: inout HDF5Bytes) throws(WeightError) -> [(name: String, address: Int)] {
    guard let links = try header(name, &file)?.links else {
      throw .malformed(path: path, what: name, found: "no group of this name", expected: "a group")
    }
    return links
  }

  /// The datasets of the group `name`, in the order of their data, each of which must be `aligned` unless told otherwise.
  package func datasets(in name: String, aligned: Bool = true) throws(WeightError) -> [Dataset] {
    var file = HDF5Bytes(image, path: path), result: [Dataset] = []
    for (name, address) in try links(name, &file) {
      result.append(try dataset(name, try HDF5Header(&file, at: address), aligned: aligned))
    }
    result.sort { ($0.offset, $0.name) < ($1.offset, $1.name) }
    return result
  }

  /// The dataset `name` of the group `group`, in which there may be groups, too; it need not be aligned.
  package func dataset(_ name: String, in group: String) throws(WeightError) -> Dataset {
    var file = HDF5Bytes(image, path: path)
    guard let header = try header("\(group)/\(name)", &file) else {
      throw .malformed(path: path, what: name, found: "no dataset of this name", expected: "a dataset in \(group)")
    }
    return try dataset(name, header, aligned: false)
  }

  /// The dataset's place in the file, checked to be there and aligned; whether it fits the file is the reader's question.
  private func dataset(_ name: String, _ header: HDF5Header, aligned: Bool) throws(WeightError) -> Dataset {
    guard let type = header.datatype.flatMap({ ElementType(datatype: $0) }) else {
      throw .malformed(
        path: path, what: name, found: "another type", expected: "float32, float16, bfloat16, int64 or bool")
    }
    guard let shape = header.shape else {
      throw .malformed(path: path, what: name, found: "a dataset without a shape", expected: "a tensor")
    }
    if shape.contains(0) { return Dataset(name: name, elementType: type, shape: shape, offset: 0) }
    guard let data = header.data, data.count == shape.checkedProduct(startingAt: type.byteCount) else {
      throw .malformed(path: path, what: name, found: "data in pieces or none", expected: "contiguous data")
    }
    guard !aligned || data.offset % HDF5Writer.alignment == 0 else {
      throw .malformed(
        path: path, what: name, found: "data at byte \(data.offset)", expected: "a multiple of \(HDF5Writer.alignment)")
    }
    return Dataset(name: name, elementType: type, shape: shape, offset: data.offset)
  }

  /// A member of the root group: a dataset, or a group with all datasets in it and in the groups inside.
  package struct Member: Sendable {
    package let name: String
    /// The text attributes that were asked for, as far as it has them.
    package let texts: [String: String]
    /// Whether it is a dataset itself, which then is the only one and has its name.
    package let isDataset: Bool
    /// Their names begin below the member: `representations/33`.
    package let datasets: [Dataset]
    /// The attribute that tells its place among the members, or its place in the group.
    package let index: Int
  }

  /// How many groups may lie in one another.
  private static let largestDepth = 8

  /// All members of the root group with their datasets and some of their text attributes, in the order of the integer
  /// attribute `index`.
  ///
  /// - Throws: `WeightError` when one is in another form.
  package func members(texts names: [String], index: String) throws(WeightError) -> [Member] {
    var file = HDF5Bytes(image, path: path), members: [Member] = []
    for (place, link) in try links("/", &file).enumerated() {
      let header = try HDF5Header(&file, at: link.address)
      var texts: [String: String] = [:]
      for name in names {
        if let attribute = header.attribute(name) { texts[name] = try text(attribute, &file) }
      }
      var datasets: [Dataset] = []
      try collect(header, link.name, below: "", depth: 0, &datasets, &file)
      let number = try header.attribute(index).map { (attribute) throws(WeightError) in try integer(attribute) }
      members.append(
        Member(
          name: link.name, texts: texts, isDataset: header.links == nil, datasets: datasets, index: number ?? place))
    }
    return members.sorted { $0.index < $1.index }
  }

  /// Passes on the name and the address of each member of the root group, in the order of the links.
  package func forEachPlace(_ body: (_ name: String, _ address: Int) -> Void) throws(WeightError) {
    var file = HDF5Bytes(image, path: path)
    for link in try links("/", &file) { body(link.name, link.address) }
  }

  /// The member of the root group at an address that `forEachPlace` gave, with its datasets and text attributes.
  package func member(_ name: String, at address: Int, texts names: [String]) throws(WeightError) -> Member {
    var file = HDF5Bytes(image, path: path), texts: [String: String] = [:], datasets: [Dataset] = []
    let header = try HDF5Header(&file, at: address)
    for name in names {
      if let attribute = header.attribute(name) { texts[name] = try text(attribute, &file) }
    }
    try collect(header, name, below: "", depth: 0, &datasets, &file)
    return Member(name: name, texts: texts, isDataset: header.links == nil, datasets: datasets, index: 0)
  }

  /// The text attributes of the root group, in the order of the file.
  package var texts: [(name: String, value: String)] {
    get throws(WeightError) {
      var file = HDF5Bytes(image, path: path), texts: [(name: String, value: String)] = []
      for attribute in try HDF5Header(&file, at: root).attributes {
        texts.append((attribute.name, try text(attribute, &file)))
      }
      return texts
    }
  }

  /// Passes on the name and some text attributes of each member of the root group, one at a time, in the order of the links:
  /// what lies in them is not looked at.
  ///
  /// - Throws: What `body` throws, and `WeightError` when a member is damaged.
  package func forEachMember(
    texts names: [String], _ body: (_ name: String, _ texts: [String?]) throws(WeightError) -> Void
  ) throws(WeightError) {
    var file = HDF5Bytes(image, path: path)
    for link in try links("/", &file) {
      let header = try HDF5Header(&file, at: link.address)
      var texts: [String?] = []
      for name in names {
        texts.append(try header.attribute(name).map { (attribute) throws(WeightError) in try text(attribute, &file) })
      }
      try body(link.name, texts)
    }
  }

  /// Adds the datasets of an object.
  private func collect(
    _ header: HDF5Header, _ name: String, below prefix: String, depth: Int, _ datasets: inout [Dataset],
    _ file: inout HDF5Bytes
  ) throws(WeightError) {
    guard let links = header.links else {
      return datasets.append(try dataset(prefix.isEmpty ? name : prefix, header, aligned: false))
    }
    guard depth < Self.largestDepth else {
      throw .malformed(path: path, what: name, found: "groups within groups", expected: "at most \(Self.largestDepth)")
    }
    for link in links {
      let path = prefix.isEmpty ? link.name : prefix + "/" + link.name
      try collect(
        try HDF5Header(&file, at: link.address), link.name, below: path, depth: depth + 1, &datasets, &file)
    }
  }

  // MARK: Attributes

  /// The text attribute `name` of the root group or of another object; `nil` if there is none. Throws if it is no text.
  package func text(_ name: String, of object: String = "/") throws(WeightError) -> String? {
    var file = HDF5Bytes(image, path: path)
    guard let attribute = try header(object, &file)?.attribute(name) else { return nil }
    return try text(attribute, &file)
  }

  /// The integer attribute `name` of the root group or of another object, or `nil` if there is none; throws if it is not one
  /// 64-bit integer.
  package func integer(_ name: String, of object: String = "/") throws(WeightError) -> Int? {
    var file = HDF5Bytes(image, path: path)
    return try header(object, &file)?.attribute(name).map { (attribute) throws(WeightError) in try integer(attribute) }
  }

  private func integer(_ attribute: HDF5Header.Attribute) throws(WeightError) -> Int {
    guard ElementType(datatype: attribute.datatype) == .int64, attribute.data.count == 8,
      attribute.shape?.checkedProduct(startingAt: 1) == 1
    else {
      throw .malformed(path: path, what: attribute.name, found: "another type", expected: "one 64-bit integer")
    }
    return Int(Int64(littleEndian: attribute.data.loadUnaligned(as: Int64.self)))
  }

  /// The text attribute `name` of every dataset of the group `group` that has one.
  package func texts(_ name: String, in group: String) throws(WeightError) -> [String: String] {
    var file = HDF5Bytes(image, path: path), result: [String: String] = [:]
    for (dataset, address) in try links(group, &file) {
      guard let attribute = try HDF5Header(&file, at: address).attribute(name) else { continue }
      result[dataset] = try text(attribute, &file)
    }
    return result
  }

  private func text(_ attribute: HDF5Header.Attribute, _ file: inout HDF5Bytes) throws(WeightError) -> String {
    let name = attribute.name
    guard attribute.shape?.checkedProduct(startingAt: 1) == 1, attribute.datatype.count >= 8 else {
      throw .malformed(path: path, what: name, found: "another type", expected: "a text")
    }
    let bytes: UnsafeRawBufferPointer
    switch attribute.datatype[0] & 15 {
    case 3 where HDF5Bytes.number(attribute.datatype, 4, 4) == attribute.data.count && !attribute.data.isEmpty:
      let end = attribute.data.firstIndex(of: 0) ?? attribute.data.endIndex
      bytes = UnsafeRawBufferPointer(rebasing: attribute.data[..<end])
    case 9 where attribute.datatype[1] & 15 == 1 && attribute.data.count == 16:
      bytes = try heapText(attribute.data, &file)
    default: throw .malformed(path: path, what: name, found: "another type", expected: "a text")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .malformed(path: path, what: name, found: "bytes that are not UTF-8", expected: "text in UTF-8")
    }
    return text
  }

  /// A text of variable length: its own length, the address of a collection, its number there.
  private func heapText(
    _ reference: UnsafeRawBufferPointer, _ file: inout HDF5Bytes
  ) throws(WeightError) -> UnsafeRawBufferPointer {
    let what = "text"
    guard let length = HDF5Bytes.number(reference, 0, 4), let number = HDF5Bytes.number(reference, 12, 4) else {
      throw file.malformed(what, "an early end", "a reference")
    }
    guard length > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    guard let address = try file.address(reference, 4, what) else {
      throw file.malformed(what, "no collection", "a collection of texts")
    }
    guard let text = try file.texts(at: address)[number], length <= text.count else {
      throw file.malformed(what, "no object \(number) in the collection at \(address)", "an object of \(length) bytes")
    }
    return UnsafeRawBufferPointer(rebasing: text[..<length])
  }
}
