// Writes a cache file: laid out by HDF5, filled tensor by tensor, marked complete at the very end. `WeightCache` describes
// the form.

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
  private let places: [HDF5File.Dataset]

  /// Header, name, digest, alignment, and the library's overhead: measured at about 360 bytes for each tensor.
  private static let metadataBytesOfTensor = 448

  /// Writes everything but the data of the tensors, for which space is reserved, and what is known only at the end.
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
    try FreeSpace.check(for: dataBytes + tensors.count * HDF5File.alignment + metadataBytes, beside: path)
    let part = try UnfinishedFile.create(for: path, announcing: announcing)
    let places = try Self.layOut(part.path, description, tensors, metadataBytes: metadataBytes)
    self.places = places
    self.part = part
  }

  private static func layOut(
    _ path: String, _ description: Description, _ tensors: [Tensor], metadataBytes: Int
  ) throws(WeightError) -> [HDF5File.Dataset] {
    let file = try HDF5File.create(path, metadataBytes: metadataBytes)
    try file.setAttribute(WeightCache.Attribute.format, WeightCache.format)
    try file.setAttribute(WeightCache.Attribute.version, WeightCache.version)
    try file.setAttribute(WeightCache.Attribute.program, description.program)
    try file.setAttribute(WeightCache.Attribute.created, description.created)
    try file.setAttribute(WeightCache.Attribute.modelName, description.modelName)
    try file.setAttribute(WeightCache.Attribute.config, description.configuration)
    try file.setAttribute(WeightCache.Attribute.source, description.source)
    try file.setAttribute(WeightCache.Attribute.tensorCount, tensors.count)
    let places = try file.createDatasets(
      in: WeightCache.tensorGroup, tensors.map { ($0.name, $0.elementType, $0.shape) },
      placeholder: (
        WeightCache.Attribute.tensorDigest, String(repeating: "0", count: Digest.Algorithm.sha256.digitCount)
      ))
    try file.close()
    return places
  }

  /// The name that the file has until it is finished.
  package var temporaryPath: String { part.path }

  /// Writes `bytes` of the tensor `index`, from its byte `offset` on.
  package func write(_ bytes: UnsafeRawBufferPointer, ofTensor index: Int, at offset: Int) throws(WeightError) {
    try WeightError.wrapping(try part.write(bytes, at: places[index].offset + offset))
  }

  /// Adds what is known now, after everything else the mark that the file is complete, and gives it its name if it is
  /// accepted.
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
    let file = try HDF5File.openForWriting(part.path)
    try file.setAttribute(WeightCache.Attribute.sources, sources.json)
    try file.setAttribute(WeightCache.Attribute.digest, digest)
    try file.replaceTexts(
      WeightCache.Attribute.tensorDigest, in: WeightCache.tensorGroup,
      zip(places, tensorDigests).map { ($0.name, $1) })
    try file.flush()
    try file.setAttribute(WeightCache.Attribute.complete, 1)
    try file.close()
    guard try accepts(part.path) else { return false }
    try WeightError.wrapping(try part.commit())
    return true
  }
}
