// Small helpers for paths and whole small files.

import Glibc

extension String {
  /// The part before the last `/`; `.` when there is none.
  package var folder: String {
    guard let slash = lastIndex(of: "/") else { return "." }
    return slash == startIndex ? "/" : String(self[..<slash])
  }

  /// The part after the last `/`.
  package var lastComponent: String {
    String(self[(lastIndex(of: "/").map { index(after: $0) } ?? startIndex)...])
  }

  /// The absolute path without links, or `nil` if there is nothing at this path.
  package var resolved: String? {
    guard let path = realpath(self, nil) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }

  /// Whether this is the path of something that exists, following links.
  package var exists: Bool { access(self, F_OK) == 0 }

  /// Whether this is the path of a folder.
  package var isFolder: Bool {
    var status = stat()
    return stat(self, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

extension [UInt8] {
  /// Reads a small file, such as a `config.json`; larger ones than `limit` are refused.
  package init(contentsOf path: String, limit: Int) throws(WeightError) {
    let file = try MappedFile(path)
    guard file.bytes.count <= limit else { throw .tooLarge(path: path, bytes: file.bytes.count, limit: limit) }
    self = withExtendedLifetime(file) { Array(file.bytes) }
  }
}
