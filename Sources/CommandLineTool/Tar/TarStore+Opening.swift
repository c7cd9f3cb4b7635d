// How a run opens its tar: with a lock, or where there are none, as a file that no other process has.

import Glibc
import Platform

extension TarStore {
  /// Opens the file, which is made if it is not there.
  ///
  /// Where the file system has no locks, another process may write the same tar, and neither can know. So each that begins puts
  /// a copy of the file in its place: it writes where nobody else does, and the other finds that the path leads to another file
  /// when it has added a record. What was added before the copy took the place is in it.
  ///
  /// - Returns: The descriptor.
  /// - Throws: `OutputError` when it cannot be opened or copied, or another process writes it.
  static func openFile(_ path: String, _ temporaryFiles: TemporaryFiles) throws(OutputError) -> Int32 {
    guard let found = try OutputError.wrapping(try FileLock.open(path)) else { throw .inUse(path: path) }
    // A file that is something else is refused, where it is.
    guard FileLock.take(found) == .unsupported, OpenTar.isOne(path) || isShort(found, path) else { return found }
    defer { close(found) }
    let file = try OutputError.wrapping(try UnfinishedFile(for: path, in: temporaryFiles, removingAbandoned: false))
    let own = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0)
    guard own >= 0 else { throw .system(path: path, action: "open", code: errno) }
    do throws(OutputError) {
      let before = try copy(found, path, to: own)
      // A third process was faster.
      guard FileLock.names(found, path) else { throw .inUse(path: path) }
      try OutputError.wrapping(try file.commit())
      let after = try OutputError.wrapping(try FileStatus(descriptor: found, path: path))
      if (after.size, after.modified) != (before.size, before.modified) { _ = try copy(found, path, to: own) }
    } catch {
      close(own)
      throw error
    }
    return own
  }

  /// Whether a file has less than a tar that was begun.
  private static func isShort(_ descriptor: Int32, _ path: String) -> Bool {
    guard let status = try? FileStatus(descriptor: descriptor, path: path) else { return false }
    return status.size < TarRow.beginning.count
  }

  /// Copies a file, whole.
  ///
  /// - Returns: Its status before.
  private static func copy(_ source: Int32, _ path: String, to target: Int32) throws(OutputError) -> FileStatus {
    let status = try OutputError.wrapping(try FileStatus(descriptor: source, path: path))
    var done = 0
    while done < status.size {
      let piece = try OutputError.wrapping(try readAll(min(1 << 20, status.size - done), at: done, from: source, path))
      if piece.isEmpty { break }
      let code = piece.withUnsafeBytes { writeAll($0, to: target, at: done) }
      guard code == 0 else { throw .system(path: path, action: "write", code: code) }
      done += piece.count
    }
    guard ftruncate(target, off_t(done)) == 0 else { throw .system(path: path, action: "cut", code: errno) }
    return status
  }

  /// What the tar has; one that was not begun, or whose beginning was cut off, is begun.
  static func results(
    _ descriptor: Int32, _ path: String, _ openEnd: [UInt8], size: inout Int
  ) throws(OutputError) -> TarResults {
    let results: TarResults
    do throws(TarError) {
      results = try TarResults(descriptor, path)
    } catch {
      throw OutputError(of: error)
    }
    let beginning = TarRow.beginning + openEnd
    guard size < results.end else { return results }
    let code = beginning.withUnsafeBytes { writeAll($0, to: descriptor, at: 0) }
    guard code == 0 else {
      ftruncate(descriptor, 0)
      throw .system(path: path, action: "write", code: code)
    }
    size = beginning.count
    results.reader.forget()
    return results
  }
}
