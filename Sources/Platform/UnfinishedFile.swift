// A file on its way: under a temporary name and locked while it is written, gone if the writing fails, renamed when it is
// complete. So whatever has its final name is whole.

import Glibc

/// The unfinished form of a file, in the same folder; removed when the last reference goes unless it was committed.
///
/// The temporary name, `.NAME.part-` and 16 random digits, is one that no other process chooses, on this machine or on
/// another that writes in the same folder. The writer holds a lock on it (`FileLock`), so that what a killed process has
/// left can be told from what is being written (`UnfinishedFile.abandoned`).
package final class UnfinishedFile: Sendable {
  /// The final name.
  package let target: String
  /// The temporary path, for libraries that open files by path; the file is there and empty.
  package let path: String
  /// Open for reading and writing.
  package let descriptor: Int32
  private let registry: TemporaryFiles

  /// Names in a row that may be taken, or files that may be removed before they are locked.
  private static let attempts = 1000

  /// Creates an empty file on its way to `target`. A link is followed: the file that it leads to is made, or replaced.
  ///
  /// - Parameters:
  ///   - target: The final name.
  ///   - registry: Remembers the temporary path for removal when a signal ends the process.
  ///   - removingAbandoned: Whether to remove what killed processes have left for the same target; a caller that writes
  ///     many files into one folder does so once instead (`removeAbandoned(in:where:)`).
  ///   - announcing: Told the temporary path just before the file is created.
  ///   - random: Chooses the name.
  /// - Throws: `SystemError`, action `create`, which names the target.
  package init(
    for target: String, in registry: TemporaryFiles = .ofProcess, removingAbandoned: Bool = true,
    announcing: (String) -> Void = { _ in }, random: () -> UInt64 = { .random(in: 0...UInt64.max) }
  ) throws(SystemError) {
    let target = try target.destination()
    if removingAbandoned { Self.removeAbandoned(for: target) }
    for _ in 0..<Self.attempts {
      let path = "\(target.folder)/\(Self.prefix(for: target))\(hexadecimal(random()))"
      announcing(path)
      let (descriptor, code) = registry.register(path) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        return (descriptor, errno)
      }
      guard descriptor >= 0 else {
        // Not to be removed: this file belongs to another writer.
        registry.release(path)
        if code == EEXIST { continue }
        throw SystemError(path: target, action: "create", code: code)
      }
      // Between creation and lock another process may have taken the file for an abandoned one and removed it.
      if FileLock.take(descriptor) != .taken, let status = try? FileStatus(descriptor: descriptor, path: path),
        status.names > 0
      {
        self.target = target
        self.path = path
        self.descriptor = descriptor
        self.registry = registry
        return
      }
      close(descriptor)
      registry.discard(path)
    }
    throw SystemError(path: target, action: "create", code: EEXIST)
  }

  deinit {
    registry.discard(path)
    close(descriptor)
  }

  /// Writes `bytes` behind what was written before.
  ///
  /// - Throws: `SystemError`, action `write`, which names the target.
  package func append(_ bytes: [UInt8]) throws(SystemError) {
    let code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    guard code == 0 else { throw SystemError(path: target, action: "write", code: code) }
  }

  /// Writes `bytes` at a place of the file.
  ///
  /// - Throws: `SystemError`, action `write`, which names the target.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
    let code = writeAll(bytes, to: descriptor, at: offset)
    guard code == 0 else { throw SystemError(path: target, action: "write", code: code) }
  }

  /// Makes the content durable, then gives the file its final name, replacing what is there.
  ///
  /// - Throws: `SystemError`, action `write` or `rename the finished file`, which names the target.
  package func commit() throws(SystemError) {
    try registry.commit([self], then: { () throws(SystemError) in })
  }

  /// Removes the file unless it has been committed.
  package func discard() { registry.discard(path) }

  // MARK: What killed processes have left

  /// How the temporary names of a target begin.
  private static func prefix(for target: String) -> String { ".\(shortened(target.lastComponent)).part-" }

  /// The beginning of a name that leaves room for the rest of a temporary one: any name that a file may have may be that of
  /// a result. Two long names may share it, which only means that either removes what a killed writer of the other has left.
  private static func shortened(_ name: String) -> String {
    var short = name[...]
    while short.utf8.count > longestName { short.removeLast() }
    return String(short)
  }

  /// Bytes of the longest name that is not shortened.
  package static let longestName = Int(NAME_MAX) - ".".utf8.count - ".part-".utf8.count - 16

  /// The name of the file that `name` is a temporary name of: `.NAME.part-` and 16 digits, or `.NAME.part-PID` and
  /// `.NAME.part-PID-N` as earlier versions have written; `nil` for other names.
  package static func target(ofTemporary name: String) -> String? {
    let mark = ".part-"
    guard name.hasPrefix("."), let range = name.ranges(of: mark).last,
      range.lowerBound > name.index(after: name.startIndex)
    else { return nil }
    let ending = name[range.upperBound...].utf8
    let isRandom = ending.count == 16 && ending.allSatisfy(isHexadecimalDigit)
    let numbers = ending.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    let isNumbered =
      numbers.count <= 2 && numbers.allSatisfy { !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } }
    return isRandom || isNumbered ? String(name[..<range.lowerBound].dropFirst()) : nil
  }

  /// The names in `folder` of unfinished files that are not being written and whose targets are meant; none where the file
  /// system has no locks, which alone can tell.
  package static func abandoned(in folder: String, where isMeant: (_ target: String) -> Bool) -> [String] {
    ((try? Folder.names(in: folder)) ?? []).filter { name in
      guard let target = target(ofTemporary: name), isMeant(target) else { return false }
      // Neither waits for a pipe nor follows a link out of the folder.
      let descriptor = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
      guard descriptor >= 0 else { return false }
      defer { close(descriptor) }
      guard (try? FileStatus(descriptor: descriptor, path: name))?.kind == .file else { return false }
      return FileLock.isFree(descriptor)
    }
  }

  /// Removes what killed processes have left in `folder` for the targets that are meant.
  ///
  /// - Returns: The names of these targets.
  @discardableResult
  package static func removeAbandoned(
    in folder: String, where isMeant: (_ target: String) -> Bool
  ) -> Set<String> {
    let names = abandoned(in: folder, where: isMeant).filter { removeAbandoned("\(folder)/\($0)") }
    return Set(names.compactMap(target(ofTemporary:)))
  }

  /// The paths of what killed processes have left for `target`.
  package static func abandoned(for target: String) -> [String] {
    let name = shortened(target.lastComponent)
    return abandoned(in: target.folder) { $0 == name }.map { "\(target.folder)/\($0)" }
  }

  /// Removes what killed processes have left for `target`.
  package static func removeAbandoned(for target: String) {
    for path in abandoned(for: target) { removeAbandoned(path) }
  }

  /// Removes the unfinished file at `path` unless it is being written; whether it is gone.
  @discardableResult
  package static func removeAbandoned(_ path: String) -> Bool {
    let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // Its writer may have renamed it meanwhile, and another begun under the name: that is another file.
    guard FileLock.take(descriptor) == .held else { return false }
    defer { FileLock.release(descriptor) }
    return FileLock.names(descriptor, path) && unlink(path) == 0
  }
}
