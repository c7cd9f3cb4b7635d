// What a cache file says of its own making.

internal import Tensors

/// A file that a model was imported from, as it was then.
package struct SourceFile: Equatable, Sendable {
  /// Its name, without folder.
  package let name: String
  /// Its size in bytes.
  package let bytes: Int
  /// When it was last written: nanoseconds since 1970.
  package let modified: Int
  /// The SHA-256 digest of its content in hexadecimal digits; empty while it is not known.
  package var sha256: String

  /// A file of these properties; the digest may follow later.
  package init(name: String, bytes: Int, modified: Int, sha256: String = "") {
    self.name = name
    self.bytes = bytes
    self.modified = modified
    self.sha256 = sha256
  }

  /// Whether the file is, as far as size and time tell, still what it was.
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
  /// How many tensors there are.
  package let tensorCount: Int
}
