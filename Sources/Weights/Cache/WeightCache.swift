// The cache file of a model: one HDF5 file with the configuration, where it came from, and every tensor under its
// Hugging Face name in the group `tensors`, contiguous and 64-byte aligned, so that opening is mapping. This file reads
// it; `Importer` writes it.

internal import Platform
internal import Tensors

/// The schema of the cache and its readers.
///
/// Attributes of the root group, texts in UTF-8 (of fixed length up to 32 KiB) and 64-bit integers: `format` ("esmfold weights"),
/// `format_version` (1), `program`, `created`, `model_name`, `config` (the text of `config.json`), `source` (a path),
/// `sources` (a JSON array of objects with `name`, `bytes`, `modified`, `sha256`), `source_sha256`, `tensor_count`, and
/// `complete` (1). The group `tensors` holds one dataset for each tensor under its name:
/// contiguous, at a multiple of 64 bytes, little-endian, of type float32, float16 (IEEE binary16), bfloat16 (a float
/// type of 8 exponent and 7 mantissa bits), int64, or uint8 for truth values. A scalar is a dataset of rank 0. Each
/// dataset has the attribute `sha256`, the digest of its bytes as they lie in the file; files of early versions lack it
/// and are still read.
package enum WeightCache {
  /// The value of the attribute `format`.
  static let format = "esmfold weights"
  /// The value of the attribute `format_version` that this program writes, and the only one that it reads.
  package static let version = 1
  /// The group of the tensors.
  static let tensorGroup = "tensors"

  /// Names of the attributes of the root group.
  enum Attribute {
    static let format = "format"
    static let version = "format_version"
    static let program = "program"
    static let created = "created"
    static let modelName = "model_name"
    static let config = "config"
    static let source = "source"
    static let sources = "sources"
    static let digest = "source_sha256"
    static let tensorCount = "tensor_count"
    static let complete = "complete"
    /// Of each dataset.
    static let tensorDigest = "sha256"
  }

  /// Reads what the file at `path` says about its model, not its tensors.
  package static func header(of path: String) throws(WeightError) -> CacheHeader {
    let file = try MappedFile(path)
    return try header(of: HDF5File(image: file.bytes, owner: file, path: path))
  }

  /// Whether a file is of this kind, by what it says itself: of any version, finished or not.
  package static func isOne(_ path: String) -> Bool {
    // Nothing is taken from a pipe.
    guard FileStatus.kind(of: path) == .file, let file = try? MappedFile(path) else { return false }
    return (try? HDF5File(image: file.bytes, owner: file, path: path).text(Attribute.format)) == format
  }

  /// Maps the cache file at `path`. Its tensors are views of the mapping. Throws if the file is foreign, truncated, of
  /// another version, or left by an import that did not finish. `label` stands for the path in messages.
  package static func open(_ path: String, label: String? = nil) throws(WeightError) -> WeightStore {
    let file = try MappedFile(path)
    return try store(file.bytes, owner: file, path: label ?? path)
  }

  /// Opens a cache file in memory that exists as long as the program runs, without a copy. `label` stands for the path
  /// in messages.
  package static func open(image: UnsafeRawBufferPointer, label: String) throws(WeightError) -> WeightStore {
    try store(image, owner: StaticOwner.shared, path: label)
  }

  private static func store(
    _ image: UnsafeRawBufferPointer, owner: any AnyObject & Sendable, path: String
  ) throws(WeightError) -> WeightStore {
    try store(image, HDF5File(image: image, owner: owner, path: path), owner: owner)
  }

  /// A cache file with the digests of its tensors, for a check.
  static func contents(
    _ image: UnsafeRawBufferPointer, owner: any AnyObject & Sendable, path: String
  ) throws(WeightError) -> (CacheHeader, WeightStore, digests: [String: String]) {
    let file = try HDF5File(image: image, owner: owner, path: path)
    return (
      try header(of: file), try store(image, file, owner: owner),
      try file.texts(Attribute.tensorDigest, in: tensorGroup)
    )
  }

  private static func store(
    _ image: UnsafeRawBufferPointer, _ file: HDF5File, owner: any AnyObject & Sendable
  ) throws(WeightError) -> WeightStore {
    let path = file.path
    let header = try header(of: file)
    let buffer = Buffer(borrowing: image, owner: owner, isMappedFile: owner is MappedFile)
    let datasets = try file.datasets(in: tensorGroup)
    guard datasets.count == header.tensorCount else {
      throw .malformed(
        path: path, what: tensorGroup, found: "\(datasets.count) tensors", expected: "\(header.tensorCount)")
    }
    var tensors: [StoredTensor] = []
    tensors.reserveCapacity(datasets.count)
    var last = (name: "", end: 0)
    for dataset in datasets {
      guard let bytes = dataset.shape.checkedProduct(startingAt: dataset.elementType.byteCount),
        dataset.offset <= image.count, bytes <= image.count - dataset.offset
      else {
        throw .malformed(
          path: path, what: dataset.name,
          found: "\(dataset.elementType) of shape \(dataset.shape) at \(dataset.offset)",
          expected: "data within the \(image.count) bytes of the file")
      }
      if bytes > 0 {
        guard dataset.offset >= last.end else {
          throw .malformed(
            path: path, what: dataset.name, found: "data at \(dataset.offset)",
            expected: "data behind those of \(last.name)")
        }
        last = (dataset.name, dataset.offset + bytes)
      }
      tensors.append(
        StoredTensor(
          name: dataset.name, elementType: dataset.elementType, shape: dataset.shape, buffer: buffer,
          byteOffset: dataset.offset))
    }
    return WeightStore(
      path: path, modelName: header.modelName, configJSON: header.configJSON, tensors: tensors,
      file: owner as? MappedFile,
      digest: digest(of: tensors, header, try file.texts(Attribute.tensorDigest, in: tensorGroup)))
  }

  /// A digest of the configuration and of every tensor: name, type, shape and the digest of its bytes. Files of early
  /// versions have no digests of tensors; they have that of the weights which they were imported from.
  ///
  /// - Returns: SHA-256 in hexadecimal digits.
  private static func digest(
    of tensors: [StoredTensor], _ header: CacheHeader, _ digests: [String: String]
  ) -> String {
    var text = "esmfold weights\n\(header.configJSON.utf8.count)\n\(header.configJSON)\n"
    if digests.count < tensors.count { text += "\(header.sourceDigest)\n" }
    for tensor in tensors {
      text += "\(tensor.name)\t\(tensor.elementType)\t\(tensor.shape)\t\(digests[tensor.name] ?? "")\n"
    }
    return Digest(of: text).hexadecimal
  }

  private static func header(of file: HDF5File) throws(WeightError) -> CacheHeader {
    let path = file.path
    guard try file.text(Attribute.format) == format, let version = try file.integer(Attribute.version) else {
      throw .notACache(path: path, found: "an HDF5 file of another program")
    }
    guard version == WeightCache.version else {
      throw .version(path: path, found: version, supported: WeightCache.version)
    }
    guard try file.integer(Attribute.complete) == 1 else { throw .incomplete(path: path) }
    guard let count = try file.integer(Attribute.tensorCount), count >= 0 else {
      throw .malformed(path: path, what: Attribute.tensorCount, found: "no count", expected: "the number of tensors")
    }
    return CacheHeader(
      modelName: try text(Attribute.modelName, file), configJSON: try text(Attribute.config, file),
      source: try text(Attribute.source, file),
      sources: try [SourceFile](json: try text(Attribute.sources, file), path: path),
      sourceDigest: try text(Attribute.digest, file), program: try text(Attribute.program, file),
      created: try text(Attribute.created, file), tensorCount: count)
  }

  private static func text(_ name: String, _ file: HDF5File) throws(WeightError) -> String {
    guard let text = try file.text(name) else {
      throw .malformed(path: file.path, what: name, found: "no attribute of this name", expected: "text")
    }
    return text
  }

  /// The owner of memory that needs no owner.
  final class StaticOwner: Sendable {
    static let shared = StaticOwner()
  }
}

extension [SourceFile] {
  /// The list as the attribute `sources` holds it.
  var json: String {
    JSONValue.array(
      map { file in
        .object([
          "name": .string(file.name), "bytes": .integer(file.bytes), "modified": .integer(file.modified),
          "sha256": .string(file.sha256),
        ])
      }
    ).text
  }

  /// Reads the list back.
  fileprivate init(json: String, path: String) throws(WeightError) {
    self = []
    guard case .array(let values) = try JSONValue(parsing: Array<UInt8>(json.utf8), path: path) else {
      throw .malformed(path: path, what: WeightCache.Attribute.sources, found: "another value", expected: "an array")
    }
    for value in values {
      guard case .object(let object) = value, case .string(let name)? = object["name"],
        case .integer(let bytes)? = object["bytes"], case .integer(let modified)? = object["modified"],
        case .string(let sha256)? = object["sha256"]
      else {
        throw .malformed(
          path: path, what: WeightCache.Attribute.sources, found: value.kind,
          expected: "objects with name, bytes, modified, sha256")
      }
      append(SourceFile(name: name, bytes: bytes, modified: modified, sha256: sha256))
    }
  }
}
