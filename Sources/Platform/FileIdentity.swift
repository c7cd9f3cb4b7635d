// Which file something is, however it is named.

import Glibc

/// The identity of a file on this machine, however it is named.
package struct FileIdentity: Hashable, Sendable {
  private let device: UInt
  private let number: UInt

  /// The identity of what `path` leads to; `nil` when there is nothing.
  package init?(_ path: String) {
    guard let status = try? FileStatus(of: path) else { return nil }
    self = status.identity
  }

  init(_ status: stat) {
    device = UInt(status.st_dev)
    number = UInt(status.st_ino)
  }
}
