// What kind of file it is, by its first bytes.

import Platform

extension WholeFile {
  /// The first bytes of the regular file that a path leads to; nil where there is none, and nothing is taken from a pipe.
  static func start(of path: String, _ count: Int) -> [UInt8]? {
    guard FileStatus.kind(of: path) == .file else { return nil }
    return try? read(path, atMost: count)
  }
}
