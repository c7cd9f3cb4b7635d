// `summary.tsv`: one line per protein, appended as proteins finish, also by resumed runs.

import Glibc
import Platform

/// The open summary of an output folder. Several processes may append to the same file.
package final class SummaryFile: Sendable {
  package let path: String
  private let descriptor: Int32

  /// Open or create the summary; a new one gets its header, and a last line cut short by a crash is removed.
  ///
  /// - Throws: `OutputError` when the file cannot be written or is another table.
  package init(_ path: String) throws(OutputError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(path: path, action: "open", code: errno) }
    try locked { () throws(OutputError) in
      let head = try content(at: 0, count: SummaryRow.header.utf8.count)
      if head.isEmpty {
        try write(SummaryRow.header)
      } else if head != Array(SummaryRow.header.utf8) {
        throw .foreignSummary(path: path)
      } else {
        try dropPartialLine()
      }
    }
  }

  deinit { close(descriptor) }

  /// Append one row, whole or not at all.
  ///
  /// - Throws: `OutputError` when it cannot be written.
  package func append(_ row: SummaryRow) throws(OutputError) {
    try locked { () throws(OutputError) in try write(row.line) }
  }

  /// Run `body` with the file locked against other processes; without a lock where locks are not supported (some
  /// network file systems).
  private func locked(_ body: () throws(OutputError) -> Void) throws(OutputError) {
    flock(descriptor, LOCK_EX)
    defer { flock(descriptor, LOCK_UN) }
    try body()
  }

  private func write(_ text: String) throws(OutputError) {
    let before = lseek(descriptor, 0, SEEK_END)
    var text = text
    let code = text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
    if code != 0 {
      ftruncate(descriptor, before)
      throw .system(path: path, action: "append", code: code)
    }
  }

  private func dropPartialLine() throws(OutputError) {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let start = max(0, size - (1 << 16))
    let tail = try content(at: start, count: size - start)
    guard tail.last != UInt8(ascii: "\n"), let end = tail.lastIndex(of: UInt8(ascii: "\n")) else { return }
    ftruncate(descriptor, start + end + 1)
  }

  private func content(at offset: Int, count: Int) throws(OutputError) -> [UInt8] {
    try OutputError.wrapping(try readAll(count, at: offset, from: descriptor, path))
  }
}
