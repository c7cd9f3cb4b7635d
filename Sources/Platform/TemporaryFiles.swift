// Files that do not have their final name yet: removed on failure and on a signal, renamed when complete.

import Glibc
import Synchronization

/// The unfinished files of a process, or of a part of it.
package final class TemporaryFiles: Sendable {
  /// Those of this process: a signal ends all of it, so the handler must know them all.
  package static let ofProcess = TemporaryFiles()

  private let paths = Mutex<Set<String>>([])
  private let promise = Mutex("finished results are kept, unfinished files are removed")

  package init() {}

  /// Sets what is said when a signal ends the program: what is kept then.
  package func promise(_ words: String) {
    promise.withLock { $0 = words }
  }

  /// Notes what `create` creates at a path. A signal waits for it, so what it finds is all there is.
  package func register<Result>(_ path: String, creating create: () -> Result) -> Result {
    paths.withLock { paths in
      paths.insert(path)
      return create()
    }
  }

  /// Removes a file unless it has been renamed already.
  package func discard(_ path: String) {
    paths.withLock { if $0.remove(path) != nil { removeUnfinished(path) } }
  }

  /// Forgets a file that belongs to another writer.
  func release(_ path: String) {
    paths.withLock { _ = $0.remove(path) }
  }

  /// Makes complete files durable, gives them their final names, in order, and then does what belongs to them: files count
  /// only with what that leaves. A signal waits until all is done.
  ///
  /// - Throws: The error of writing, of renaming, or of `body`.
  package func commit<Failure: SystemErrorWrapping>(
    _ files: [UnfinishedFile], then body: () throws(Failure) -> Void
  ) throws(Failure) {
    try commit(files, before: { () throws(Failure) in }, after: body)
  }

  /// The same in the other order: a file that has its name counts, and none has it without what belongs to it, even if the
  /// process is killed in between.
  package func commit<Failure: SystemErrorWrapping>(
    _ files: [UnfinishedFile], first body: () throws(Failure) -> Void
  ) throws(Failure) {
    try commit(files, before: body, after: { () throws(Failure) in })
  }

  private func commit<Failure: SystemErrorWrapping>(
    _ files: [UnfinishedFile], before: () throws(Failure) -> Void, after: () throws(Failure) -> Void
  ) throws(Failure) {
    for file in files { try Failure.wrapping(try synchronize(file.descriptor, file.target)) }
    try paths.withLock { (paths: inout Set<String>) throws(Failure) in
      try before()
      for file in files {
        try Failure.wrapping(try rename(file.path, to: file.target))
        paths.remove(file.path)
        // Readers may lock a finished file.
        FileLock.release(file.descriptor)
      }
      try after()
    }
    for folder in Set(files.map(\.target.folder)) { Folder.synchronize(folder) }
  }

  /// Gives a complete folder its final name; a signal waits until it has it.
  func renameFolder(_ path: String, to target: String) throws(SystemError) {
    try paths.withLock { (paths: inout Set<String>) throws(SystemError) in
      guard Glibc.rename(path, target) == 0 else {
        throw SystemError(path: target, action: "rename the finished folder")
      }
      paths.remove(path)
    }
  }

  /// Removes all unfinished files and ends the process by `exit`. The lock is kept, so nothing is created or renamed
  /// meanwhile.
  package func end(saying words: (_ promise: String) -> Void, by exit: () -> Never) -> Never {
    paths.withLock { paths in
      for path in paths { removeUnfinished(path) }
      words(promise.withLock { $0 })
      exit()
    }
  }
}

/// Waits until the content of an open file is on the disk, which is when some file systems find out that it is full;
/// `path` is named in errors.
package func synchronize(_ descriptor: Int32, _ path: String) throws(SystemError) {
  // EINVAL and EROFS: there is nothing that could be synchronised.
  if fsync(descriptor) != 0, errno != EINVAL, errno != EROFS { throw SystemError(path: path, action: "write") }
}

/// Gives a finished file its final name, replacing what is there; the new name is durable after `Folder.synchronize`.
package func rename(_ path: String, to target: String) throws(SystemError) {
  guard Glibc.rename(path, target) == 0 else { throw SystemError(path: target, action: "rename the finished file") }
}
