// Files that do not have their final name yet: removed on failure and on a signal, renamed when complete.

import Glibc
import Synchronization

/// The unfinished files of this process.
package final class TemporaryFiles: Sendable {
  private let paths = Mutex<Set<String>>([])
  private let promise = Mutex("finished results are kept, unfinished files are removed")

  package init() {}

  /// Set what is said when a signal ends the program: what is kept then.
  package func promise(_ words: String) {
    promise.withLock { $0 = words }
  }

  /// Note a file that is about to be created.
  package func register(_ path: String) {
    paths.withLock { _ = $0.insert(path) }
  }

  /// Remove a file unless it has been renamed already.
  package func discard(_ path: String) {
    paths.withLock { if $0.remove(path) != nil { unlink(path) } }
  }

  /// Forget a file that somebody else has given its final name.
  package func release(_ path: String) {
    paths.withLock { _ = $0.remove(path) }
  }

  /// Give complete files their final names, in order, and then do what belongs to them; a signal waits until both are
  /// done, so that no file is finished without it.
  ///
  /// - Throws: `OutputError` of a rename or of `body`.
  package func commit(_ files: [OutputFile], then body: () throws(OutputError) -> Void) throws(OutputError) {
    try paths.withLock { (paths: inout Set<String>) throws(OutputError) in
      for file in files {
        guard rename(file.temporaryPath, file.path) == 0 else {
          throw .system(path: file.path, action: "rename the finished file", code: errno)
        }
        paths.remove(file.temporaryPath)
      }
      try body()
    }
  }

  /// Remove all unfinished files and end the process. The lock is kept, so nothing is created or renamed meanwhile.
  package func exit(_ status: Int32, saying words: (_ promise: String) -> Void) -> Never {
    paths.withLock { paths in
      for path in paths { unlink(path) }
      words(promise.withLock { $0 })
      // One that was announced and is created only now.
      for path in paths { unlink(path) }
      _exit(status)
    }
  }
}
