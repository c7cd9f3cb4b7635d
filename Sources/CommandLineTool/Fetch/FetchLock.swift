// One process at a time fetches a model into a cache; others wait and then find it there.

import Glibc
import Platform

/// A lock that ends with the process, however that ends.
///
/// `flock` works between processes of one machine on any file system. On NFS Linux turns it into a lock of the server,
/// which also excludes other machines; where such a folder is mounted with `nolock` or `local_lock`, two machines could
/// fetch into the same file. Then the digest does not match, or the import finds damaged files: time is lost, but no
/// wrong data gets into the cache.
final class FetchLock {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock, waiting for as long as another process has it.
  ///
  /// - Parameters:
  ///   - path: the lock file; it is created, and removed at the end.
  ///   - willWait: called once if another process holds the lock.
  /// - Throws: `FetchError.system`.
  init(_ path: String, willWait: () -> Void) throws(FetchError) {
    self.path = path
    var hasWaited = false
    while true {
      // NFS gives an exclusive lock only to those who may write.
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw .system(path: path, action: "create", code: errno) }
      while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        let code = errno
        guard code == EWOULDBLOCK || code == EINTR else {
          close(descriptor)
          throw .system(path: path, action: "lock", code: code)
        }
        if code == EWOULDBLOCK, !hasWaited {
          hasWaited = true
          willWait()
        }
        usleep(200_000)
      }
      // The previous owner has removed the file: a lock on it would exclude no one.
      if FileLock.names(descriptor, path) {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  deinit {
    unlink(path)
    close(descriptor)
  }
}
