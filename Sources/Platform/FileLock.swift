// Locks of open files: who is writing a file, and whether anybody is.

import Glibc

/// Locks of open files (Linux, `F_OFD_SETLK`): they end with the last descriptor of the open file, so with the process,
/// however that ends, on whatever machine; and two files that one process has opened exclude each other as well. A child
/// that a process forks has the lock, too, until it starts another program: descriptors are closed then (`O_CLOEXEC`). So
/// a lock that ends before its file does is given back (`release`), not left to `close`.
package enum FileLock {
  /// The result of requesting a lock.
  package enum Outcome: Sendable {
    case held
    /// Another open file has it.
    case taken
    /// The file system has no locks, so there is no telling.
    case unsupported
  }

  /// `F_OFD_GETLK` and `F_OFD_SETLK`, which the C headers give to GNU programs only.
  private static let ask: Int32 = 36, set: Int32 = 37

  /// Takes the lock of a file that is open for writing, without waiting.
  ///
  /// - Parameters:
  ///   - descriptor: The file; it need be open for reading only if the lock is shared.
  ///   - isShared: Whether others may have it, too, who read what must not change meanwhile.
  /// - Returns: Whether it is held.
  package static func take(_ descriptor: Int32, isShared: Bool = false) -> Outcome {
    var request = request(isShared ? F_RDLCK : F_WRLCK)
    if withUnsafeMutablePointer(to: &request, { fcntl(descriptor, set, $0) }) == 0 { return .held }
    return errno == EAGAIN || errno == EACCES ? .taken : .unsupported
  }

  /// Gives the lock back.
  package static func release(_ descriptor: Int32) {
    var request = request(F_UNLCK)
    _ = withUnsafeMutablePointer(to: &request) { fcntl(descriptor, set, $0) }
  }

  /// Whether it is certain that no other open file has the lock.
  package static func isFree(_ descriptor: Int32) -> Bool {
    var request = request(F_WRLCK)
    let isKnown = withUnsafeMutablePointer(to: &request) { fcntl(descriptor, ask, $0) } == 0
    return isKnown && request.l_type == Int16(F_UNLCK)
  }

  /// Opens the file at `path` for reading and writing with its lock, creating it if it is not there.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - locking: Told the descriptor just before the lock is requested.
  /// - Returns: The descriptor; `nil` when the lock is taken. Where there are no locks, the file is just opened.
  /// - Throws: `SystemError`, action `create`.
  package static func open(_ path: String, locking: (Int32) -> Void = { _ in }) throws(SystemError) -> Int32? {
    while true {
      let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw SystemError(path: path, action: "create") }
      locking(descriptor)
      guard take(descriptor) != .taken else {
        close(descriptor)
        return nil
      }
      // The previous holder may have renamed or removed the file: the path does not lead to this one any more.
      if names(descriptor, path) { return descriptor }
      close(descriptor)
    }
  }

  /// Whether `path` leads to the file that is open.
  package static func names(_ descriptor: Int32, _ path: String) -> Bool {
    guard let status = try? FileStatus(descriptor: descriptor, path: path) else { return false }
    return FileIdentity(path) == status.identity
  }

  private static func request(_ kind: Int32) -> flock {
    var request = flock()
    request.l_type = Int16(kind)
    request.l_whence = Int16(SEEK_SET)
    return request
  }
}
