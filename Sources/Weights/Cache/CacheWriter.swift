// Writes a cache file: room for every tensor, filled in any order, then everything that is said about them. `WeightCache`
// describes the form.

import Platform
package import Tensors

/// A cache file that is being written, under a temporary name until `finish`.
package struct CacheWriter: ~Copyable {
  /// What the file says about its model from the start.
  package struct Description: Sendable {
    /// The name of the model.
    package let modelName: String
    /// The text of its `config.json`.
    package let configuration: String
    /// The folder or file that it comes from.
    package let source: String
    /// The program that writes the file, with its version.
    package let program: String
    /// When, in ISO 8601, UTC.
    package let created: String

    package init(modelName: String, configuration: String, source: String, program: String, created: String) {
      (self.modelName, self.configuration, self.source) = (modelName, configuration, source)
      (self.program, self.created) = (program, created)
    }
  }

  /// A tensor as the file is to hold it.
  package struct Tensor: Sendable {
    /// Its name.
    package let name: String
    /// The type of its elements.
    package let elementType: ElementType
    /// Extents, outermost first; empty for a scalar.
    package let shape: [Int]

    package init(name: String, elementType: ElementType, shape: [Int]) {
      (self.name, self.elementType, self.shape) = (name, elementType, shape)
    }

    /// Bytes of all elements together.
    fileprivate var byteCount: Int { shape.reduce(elementType.byteCount, *) }
  }

  private let part: UnfinishedFile
  private let description: Description
  private let tensors: [Tensor]
  /// Where the data of each tensor begin.
  private let offsets: [Int]
  private var file: HDF5Writer

  /// An estimate of what is written about a tensor: header, name, digest, alignment, index.
  private static let metadataBytesOfTensor = 448

  /// Reserves space for the data of the tensors.
  ///
  /// - Parameters:
  ///   - path: The file, or the name of a new one; it is replaced by `finish`.
  ///   - description: What the file says about its model.
  ///   - tensors: What it holds, in this order.
  ///   - announcing: Told the temporary path before a file is created there.
  /// - Throws: `WeightError`, also when the whole does not fit on the disk.
  package init(
    for path: String, _ description: Description, tensors: [Tensor], announcing: (String) -> Void
  ) throws(WeightError) {
    let dataBytes = tensors.reduce(0) { $0 + $1.byteCount }
    let metadataBytes = tensors.count * Self.metadataBytesOfTensor + description.configuration.utf8.count + 8192
    try FreeSpace.check(for: dataBytes + tensors.count * HDF5Writer.alignment + metadataBytes, beside: path)
    let part = try UnfinishedFile.create(for: path, announcing: announcing)
    var file = HDF5Writer(part), offsets: [Int] = []
    for tensor in tensors { offsets.append(try file.reserve(tensor.byteCount)) }
    (self.part, self.description, self.tensors, self.offsets) = (part, description, tensors, offsets)
    self.file = file
  }

  /// The name that the file has until it is finished.
  package var temporaryPath: String { part.path }

  /// Writes `bytes` of the tensor `index`, from its byte `offset` on.
  package func write(_ bytes: UnsafeRawBufferPointer, ofTensor index: Int, at offset: Int) throws(WeightError) {
    try file.write(bytes, at: offsets[index] + offset)
  }

  /// Adds everything but the data of the tensors, and gives the file its name if it is accepted.
  ///
  /// - Parameters:
  ///   - sources: The files that the model was read from.
  ///   - digest: The digest of the weights among them.
  ///   - tensorDigests: The digest of each tensor as it was written.
  ///   - accepts: Whether the finished file is to be kept.
  /// - Returns: Whether it was; if not, nothing is left, and a file that was there before is as it was.
  /// - Throws: `WeightError`, with the same outcome as for a file that is not accepted.
  package consuming func finish(
    sources: [SourceFile], digest: String, tensorDigests: [String],
    accepts: (_ temporaryPath: String) throws(WeightError) -> Bool
  ) throws(WeightError) -> Bool {
    typealias Name = WeightCache.Attribute
    var members: [HDF5Writer.Member] = []
    for (index, tensor) in tensors.enumerated() {
      let object = try file.add(
        tensor.elementType, tensor.shape, at: offsets[index],
        attributes: [HDF5Attribute(Name.tensorDigest, .text(tensorDigests[index]))])
      members.append((tensor.name, object))
    }
    let group = try file.addGroup(members)
    let root = try file.addGroup(
      [(WeightCache.tensorGroup, group)],
      attributes: [
        HDF5Attribute(Name.format, .text(WeightCache.format)),
        HDF5Attribute(Name.version, .integer(WeightCache.version)),
        HDF5Attribute(Name.program, .text(description.program)),
        HDF5Attribute(Name.created, .text(description.created)),
        HDF5Attribute(Name.modelName, .text(description.modelName)),
        HDF5Attribute(Name.config, .text(description.configuration)),
        HDF5Attribute(Name.source, .text(description.source)),
        HDF5Attribute(Name.tensorCount, .integer(tensors.count)),
        HDF5Attribute(Name.sources, .text(sources.json)), HDF5Attribute(Name.digest, .text(digest)),
        HDF5Attribute(Name.complete, .integer(1)),
      ])
    let part = part
    try file.finish(root: root)
    try Self.checkTensors(part)
    guard try accepts(part.path) else { return false }
    try WeightError.wrapping(try part.commit())
    return true
  }

  /// Reads the data of all tensors back; numbers that are not finite are another question.
  private static func checkTensors(_ part: UnfinishedFile) throws(WeightError) {
    for fault in try CacheCheck(part.path).run(progress: { _ in }) {
      if case .digest = fault { throw fault }
    }
  }
}
