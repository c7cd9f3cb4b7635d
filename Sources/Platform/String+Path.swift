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

  /// The absolute path without links, or `nil` if there is nothing at this path.
  package var resolved: String? {
    guard let path = realpath(self, nil) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }

  /// Where this path leads when links are followed, whether or not there is anything; `nil` when they go in circles.
  package var destination: String? {
    // As many as Linux follows.
    let most = 40
    var path = self, target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    for _ in 0...most {
      let count = readlink(path, &target, target.count)
      guard count > 0 else { return path }
      let next = String(decoding: target[..<count], as: UTF8.self)
      path = next.hasPrefix("/") ? next : "\(path.folder)/\(next)"
    }
    return nil
  }

  /// Whether this is the path of something that exists, following links.
  package var exists: Bool { access(self, F_OK) == 0 }

  /// Whether this is the path of a folder, or of a link to one.
  package var isFolder: Bool { FileStatus.kind(of: self) == .folder }
}
