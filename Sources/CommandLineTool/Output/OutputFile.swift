// Result files: written under a temporary name in the same folder and renamed when complete.

import Glibc

/// A result file on its way: `path` once committed, `temporaryPath` until then.
package struct OutputFile: Sendable {
  package let path: String
  package let temporaryPath: String
  private let registry: TemporaryFiles

  /// - Parameters:
  ///   - path: the final name.
  ///   - registry: remembers the temporary name for removal.
  package init(_ path: String, _ registry: TemporaryFiles) {
    let (folder, name) = splitPath(path)
    self.path = path
    temporaryPath = "\(folder).\(name).part-\(getpid())"
    self.registry = registry
    registry.register(temporaryPath)
  }

  /// Write the whole content under the temporary name and wait until it is on the disk.
  ///
  /// - Throws: `OutputError`; nothing is left behind then.
  package func write(_ bytes: [UInt8]) throws(OutputError) {
    // A file of this name can only be left over from a killed process with the same number.
    unlink(temporaryPath)
    let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure("create", errno) }
    var code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    if code == 0, fsync(descriptor) != 0, errno != EINVAL, errno != EROFS { code = errno }
    // Network file systems report a full disk here at the latest.
    if close(descriptor) != 0, code == 0 { code = errno }
    if code != 0 { throw failure("write", code) }
  }

  /// Wait until a file that somebody else has written under the temporary name is on the disk.
  ///
  /// - Throws: `OutputError`; nothing is left behind then.
  package func synchronize() throws(OutputError) {
    let descriptor = open(temporaryPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("create", errno) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0, errno != EINVAL, errno != EROFS { throw failure("write", errno) }
  }

  /// Remove the unfinished files that killed processes have left for a result; nobody else may be writing it.
  static func removeLeftovers(besides path: String) {
    let (folder, name) = splitPath(path)
    removeLeftovers(in: folder.isEmpty ? "." : folder) { $0 == name }
  }

  /// The same for all results in a folder whose names are meant.
  static func removeLeftovers(in folder: String, _ isMeant: (String) -> Bool) {
    guard let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let target = target(ofLeftover: name), isMeant(target) { unlink(folder + "/" + name) }
    }
  }

  /// The final name of a temporary one, `.NAME.part-PID`.
  private static func target(ofLeftover name: String) -> String? {
    var stem = name[...]
    while let last = stem.last, ("0"..."9").contains(last) { stem.removeLast() }
    guard stem.count < name.count, stem.hasPrefix("."), stem.hasSuffix(".part-") else { return nil }
    return String(stem.dropFirst().dropLast(".part-".count))
  }

  /// Remove the file unless it has been committed.
  package func discard() {
    registry.discard(temporaryPath)
  }

  private func failure(_ action: String, _ code: Int32) -> OutputError {
    discard()
    return .system(path: path, action: action, code: code)
  }
}

/// The folder part of `path` with its last slash (empty when there is none), and the rest; slashes at the end do not
/// count.
func splitPath(_ path: String) -> (folder: String, name: String) {
  var trimmed = path[...]
  while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
  guard let slash = trimmed.lastIndex(of: "/") else { return ("", String(trimmed)) }
  return (String(trimmed[...slash]), String(trimmed[trimmed.index(after: slash)...]))
}
