// A folder on its way: under a temporary name while it is filled, gone if that fails, renamed when it is complete.

import Glibc

/// The unfinished form of a folder of files, `.NAME.part-` and 16 random digits beside it; removed with its files unless it
/// was committed. The filler holds a lock on it, so that what a killed process has left is removed by the next.
package final class UnfinishedFolder: Sendable {
  /// The final name.
  package let target: String
  /// The temporary path.
  package let path: String
  private let descriptor: Int32
  private let registry: TemporaryFiles

  /// Creates an empty folder on its way to `target`, of which only an empty folder may be there.
  ///
  /// - Throws: `SystemError`, action `create folder`.
  package init(for target: String, in registry: TemporaryFiles) throws(SystemError) {
    self.target = target
    self.registry = registry
    Self.removeAbandoned(for: target)
    let path = "\(target.folder)/.\(target.lastComponent).part-\(hexadecimal(UInt64.random(in: 0...UInt64.max)))"
    self.path = path
    let code = registry.register(path) { mkdir(path, 0o777) == 0 ? 0 : errno }
    guard code == 0 else {
      registry.discard(path)
      descriptor = -1
      throw SystemError(path: target, action: "create folder", code: code)
    }
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    flock(descriptor, LOCK_EX | LOCK_NB)
  }

  deinit {
    registry.discard(path)
    if descriptor >= 0 { close(descriptor) }
  }

  /// Makes the names durable, and gives the folder its own.
  ///
  /// - Throws: `SystemError`, action `rename the finished folder`: `ENOTEMPTY` when there is another one.
  package func commit() throws(SystemError) {
    fsync(descriptor)
    try registry.renameFolder(path, to: target)
    flock(descriptor, LOCK_UN)
    Folder.synchronize(target.folder)
  }

  /// Removes the folders that killed processes have left for `target`.
  private static func removeAbandoned(for target: String) {
    for name in (try? Folder.names(in: target.folder)) ?? []
    where UnfinishedFile.target(ofTemporary: name) == target.lastComponent {
      let path = "\(target.folder)/\(name)"
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { removeUnfinished(path) }
      close(descriptor)
    }
  }
}

/// Removes an unfinished file, or an unfinished folder with the files in it; folders within are left, and so is a folder
/// that has some.
func removeUnfinished(_ path: String) {
  guard unlink(path) != 0, errno == EISDIR || errno == EPERM else { return }
  // Not through a link: the path is one of ours.
  let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
  guard descriptor >= 0, let stream = fdopendir(descriptor) else { return }
  while let entry = readdir(stream) {
    withUnsafeMutablePointer(to: &entry.pointee.d_name) { name in
      _ = unlinkat(descriptor, UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self), 0)
    }
  }
  closedir(stream)
  rmdir(path)
}
