// The header of a cache file: its model and how it was made.

/// A file that a model was imported from, as it was at that time.
package struct SourceFile: Equatable, Sendable {
  /// Its name, without folder.
  package let name: String
  /// Its size in bytes.
  package let bytes: Int
  /// The time of its last modification: nanoseconds since 1970.
  package let modified: Int
  /// The SHA-256 digest of its content in hexadecimal digits; empty while it is not known.
  package var sha256: String

  /// A file with these properties; the digest may be set later.
  package init(name: String, bytes: Int, modified: Int, sha256: String = "") {
    self.name = name
    self.bytes = bytes
    self.modified = modified
    self.sha256 = sha256
  }

  /// Whether size and time of the file are unchanged.
  package func isSame(as other: SourceFile) -> Bool {
    name == other.name && bytes == other.bytes && modified == other.modified
  }
}

/// What the cache file says about its model, apart from the tensors.
package struct CacheHeader: Equatable, Sendable {
  /// The name of the model.
  package let modelName: String
  /// The model's `config.json`.
  package let configJSON: String
  /// The folder or file that the model was imported from.
  package let source: String
  /// Every file that the import read.
  package let sources: [SourceFile]
  /// SHA-256 of the weights file; of several shards, of the lines `digest  name` that sha256sum prints for them.
  package let sourceDigest: String
  /// The program that wrote the file, with its version.
  package let program: String
  /// When, in ISO 8601, UTC.
  package let created: String
  /// The number of tensors.
  package let tensorCount: Int
}
