// What the system says about a file: kind, size, times, identity.

import Glibc

/// What the system says about a file.
package struct FileStatus: Equatable, Sendable {
  /// What kind of thing it is.
  package enum Kind: Sendable {
    case file, folder, link, pipe, socket, device
  }

  package let kind: Kind
  /// Bytes of its content.
  package let size: Int
  /// Bytes that it takes on the disk; fewer than `size` where it has holes.
  package let allocatedBytes: Int
  /// Nanoseconds since 1970 when it was last written.
  package let modified: Int
  /// How many names it has; 0 when it has been removed and is still open.
  package let names: Int
  package let identity: FileIdentity

  /// The status of `path`.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - followsLink: Whether a link stands for what it leads to.
  /// - Throws: `SystemError`, action `stat`.
  package init(of path: String, followsLink: Bool = true) throws(SystemError) {
    var status = stat()
    guard (followsLink ? stat(path, &status) : lstat(path, &status)) == 0 else {
      throw SystemError(path: path, action: "stat")
    }
    self.init(status)
  }

  /// The status of an open file; `path` is named in errors.
  ///
  /// - Throws: `SystemError`, action `fstat`.
  package init(descriptor: Int32, path: String) throws(SystemError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError(path: path, action: "fstat") }
    self.init(status)
  }

  private init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      case S_IFIFO: .pipe
      case S_IFSOCK: .socket
      default: .device
      }
    size = Int(status.st_size)
    allocatedBytes = Int(clamping: Int64(status.st_blocks)).multipliedReportingOverflow(by: 512).partialValue
    modified = Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec)
    names = Int(status.st_nlink)
    identity = FileIdentity(status)
  }

  /// What kind of thing `path` leads to; `nil` when there is nothing.
  package static func kind(of path: String) -> Kind? { (try? FileStatus(of: path))?.kind }

  /// The size of the regular file that `path` leads to; `nil` when there is none.
  package static func sizeOfFile(_ path: String) -> Int? {
    guard let status = try? FileStatus(of: path), status.kind == .file else { return nil }
    return status.size
  }
}
