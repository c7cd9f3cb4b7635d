// Paths as texts: their parts, and what they lead to.

import Glibc

extension String {
  /// The folder that the last component is in, `.` where the path names none; slashes at the end do not count (POSIX
  /// dirname).
  package var folder: String {
    let path = withoutSlashesAtEnd
    guard let slash = path.lastIndex(of: "/") else { return "." }
    let folder = String(path[..<slash]).withoutSlashesAtEnd
    return folder.isEmpty ? "/" : String(folder)
  }

  /// The part after the last slash; slashes at the end do not count. Empty for the root.
  package var lastComponent: String {
    let path = withoutSlashesAtEnd
    return String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
  }

  private var withoutSlashesAtEnd: Substring {
    var path = self[...]
    while path.count > 1, path.last == "/" { path.removeLast() }
    return path
  }

  /// The absolute path without links, or `nil` if there is nothing at this path. Where the names above it are not UTF-8, so
  /// that no text leads there, it is this path.
  package var resolved: String? {
    guard let path = realpath(self, nil) else { return nil }
    defer { free(path) }
    return String(validatingCString: path) ?? self
  }

  /// Where this path leads when links are followed, whether or not there is anything.
  ///
  /// - Throws: `SystemError`, action `create`: `ELOOP` when links go in circles, `EILSEQ` when one leads to a name that is not UTF-8, which
  ///   no text can be.
  package func destination() throws(SystemError) -> String {
    // As many as Linux follows.
    let most = 40
    func failure(_ code: Int32) -> SystemError { SystemError(path: self, action: "create", code: code) }
    var path = self, target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    for _ in 0...most {
      let count = readlink(path, &target, target.count)
      guard count > 0 else { return path }
      guard let next = String(validating: target[..<count], as: UTF8.self) else { throw failure(EILSEQ) }
      path = next.hasPrefix("/") ? next : "\(path.folder)/\(next)"
    }
    throw failure(ELOOP)
  }

  /// Whether this is the path of something that exists, following links.
  package var exists: Bool { access(self, F_OK) == 0 }

  /// Whether this is the path of a folder, or of a link to one.
  package var isFolder: Bool { FileStatus.kind(of: self) == .folder }
}
