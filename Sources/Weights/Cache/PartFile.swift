// A file under its temporary name: locked while it is written, gone if the writing fails, renamed when it is complete.

import Glibc

/// The unfinished form of a file, in the same folder; removed at the end of its scope unless `keep` was called.
package struct PartFile: ~Copyable {
  /// The temporary path: `.NAME.part-PID` beside the final one.
  package let path: String
  /// Open for reading and writing.
  let descriptor: Int32
  private let target: String
  private var isKept = false

  /// Creates an empty part file for `target`, and removes those that dead processes have left for the same target.
  ///
  /// Its writer holds a lock on it, which ends with the process however that ends, on whatever machine. On a file system
  /// without locks nobody can tell what is abandoned, so nothing is removed there.
  ///
  /// - Parameters:
  ///   - target: The final name.
  ///   - announcing: Told the temporary path just before the file is created, so that whoever ends the process from a
  ///     signal handler leaves nothing.
  /// - Throws: `WeightError.system` when it cannot be created.
  package init(for target: String, announcing: (String) -> Void = { _ in }) throws(WeightError) {
    let folder = target.folder
    let stem = PartFile.prefix(for: target.lastComponent)
    for name in PartFile.abandoned(in: folder, where: { $0.hasPrefix(stem) }) {
      PartFile.removeAbandoned("\(folder)/\(name)")
    }
    var attempt = 0
    while true {
      let path = "\(folder)/\(stem)\(getpid())" + (attempt == 0 ? "" : "-\(attempt)")
      // A name that is taken is not announced: the file is somebody else's.
      let isTaken = path.exists
      if !isTaken { announcing(path) }
      let descriptor = isTaken ? -1 : open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      if descriptor >= 0 {
        // Between creation and lock another process may have taken the file for a stale one and removed it.
        var status = stat()
        if PartFile.lock(descriptor) != .taken, fstat(descriptor, &status) == 0, status.st_nlink > 0 {
          self.path = path
          self.descriptor = descriptor
          self.target = target
          return
        }
        close(descriptor)
      } else if !isTaken, errno != EEXIST {
        throw .system(path: path, call: "create", code: errno)
      }
      attempt += 1
      guard attempt < 1000 else { throw .system(path: path, call: "create", code: EEXIST) }
    }
  }

  deinit {
    if !isKept { unlink(path) }
    close(descriptor)
  }

  /// Writes `bytes` at `offset`.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(WeightError) {
    try writeAll(bytes, at: offset, descriptor: descriptor, path: path)
  }

  /// Writes `bytes` at `offset`.
  package func write(_ bytes: [UInt8], at offset: Int) throws(WeightError) {
    let status = bytes.withUnsafeBytes { bytes in
      Result { () throws(WeightError) in try writeAll(bytes, at: offset, descriptor: descriptor, path: path) }
    }
    try status.get()
  }

  /// Makes the content durable, then gives the file its final name, replacing what is there.
  package consuming func keep() throws(WeightError) {
    guard fsync(descriptor) == 0 else { throw .system(path: path, call: "fsync", code: errno) }
    guard rename(path, target) == 0 else { throw .system(path: target, call: "rename", code: errno) }
    isKept = true
    // The new name, too; a folder that cannot be synchronised is no reason to give up the file.
    let folder = open(target.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  // MARK: What dead processes have left

  /// How the names of part files for the file `name` begin.
  static func prefix(for name: String) -> String { ".\(name).part-" }

  /// The names in `folder` that `isPart` accepts and that are files which nobody holds a lock on.
  static func abandoned(in folder: String, where isPart: (String) -> Bool) -> [String] {
    ((try? folderContents(folder)) ?? []).filter { name in
      guard isPart(name) else { return false }
      // Neither waits for a pipe nor follows a link out of the folder.
      let descriptor = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
      guard descriptor >= 0 else { return false }
      defer { close(descriptor) }
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
      var request = request()
      let isKnown = withUnsafeMutablePointer(to: &request) { fcntl(descriptor, getOpenFileLock, $0) } == 0
      return isKnown && request.l_type == Int16(F_UNLCK)
    }
  }

  /// Removes the file at `path` unless somebody holds a lock on it; whether it is gone.
  @discardableResult
  static func removeAbandoned(_ path: String) -> Bool {
    let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // Who finished it meanwhile has renamed it, and another may have begun under the name: that is another file.
    var locked = stat(), named = stat()
    return lock(descriptor) == .held && fstat(descriptor, &locked) == 0 && lstat(path, &named) == 0
      && locked.st_ino == named.st_ino && locked.st_dev == named.st_dev && unlink(path) == 0
  }

  // MARK: Locks

  private enum LockOutcome { case held, taken, unsupported }

  /// `F_OFD_GETLK` and `F_OFD_SETLK`, which the C headers give to GNU programs only.
  private static let getOpenFileLock: Int32 = 36, setOpenFileLock: Int32 = 37

  /// A lock of the open file, not of the process: two imports in one process exclude each other as well.
  private static func lock(_ descriptor: Int32) -> LockOutcome {
    var request = request()
    if withUnsafeMutablePointer(to: &request, { fcntl(descriptor, setOpenFileLock, $0) }) == 0 { return .held }
    return errno == EAGAIN || errno == EACCES ? .taken : .unsupported
  }

  private static func request() -> flock {
    var request = flock()
    request.l_type = Int16(F_WRLCK)
    request.l_whence = Int16(SEEK_SET)
    return request
  }
}

/// The names in `folder` but `.` and `..`, sorted.
package func folderContents(_ folder: String) throws(WeightError) -> [String] {
  guard let stream = opendir(folder) else { throw .system(path: folder, call: "opendir", code: errno) }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// Writes all of `bytes` at `offset` of an open file; `path` is named in errors.
func writeAll(
  _ bytes: UnsafeRawBufferPointer, at offset: Int, descriptor: Int32, path: String
) throws(WeightError) {
  var done = 0
  while done < bytes.count {
    let count = pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { throw .system(path: path, call: "write", code: count == 0 ? ENOSPC : errno) }
    done += count
  }
}
