// What a tar of folds says beside its files: comments, of which other programs see nothing.

import Platform

/// A comment of a tar of folds: the first one tells that it is one, and one behind the files of each record makes them count.
///
/// It has the record's line of the summary, which therefore needs no file of its own while it grows, and the SHA-256 of all that
/// comes between the comment before and this one.
enum TarRow {
  /// The columns of the summary.
  case start(head: [UInt8])
  /// Where in the comment a digest in hexadecimal digits is, and where the record's line, its end included.
  case record(digest: Range<Int>, line: Range<Int>)

  private static let startMark = Array("esmfold fold 1\n".utf8), recordMark = Array("esmfold record 1 ".utf8)
  private static let lineEnd = UInt8(ascii: "\n")

  /// The first entry of a tar.
  static let beginning = TarHeader.comment(startMark + Array(SummaryRow.head.utf8))

  /// What ends a tar that a run writes to: the summary, which has nothing yet, and the end.
  ///
  /// Without it a comment would be the last entry, and Python's `tarfile` reads no archive in which no file follows a comment.
  ///
  /// - Parameter summary: The name of the summary.
  /// - Returns: Three blocks.
  static func openEnd(_ summary: String) -> [UInt8] { TarHeader.file(summary, size: 0) + TarHeader.end }

  /// The entry behind the files of a record.
  ///
  /// - Parameters:
  ///   - line: The record's line of the summary with its end.
  ///   - digest: That of the files.
  /// - Returns: Whole blocks, and where in them the line is.
  static func entry(_ line: [UInt8], _ digest: Digest) -> (blocks: [UInt8], line: Int) {
    let before = recordMark + Array(digest.hexadecimal.utf8) + [lineEnd], blocks = TarHeader.comment(before + line)
    let value = blocks[TarHeader.blockSize...].firstIndex(of: UInt8(ascii: "=")) ?? blocks.startIndex
    return (blocks, value + 1 + before.count)
  }

  /// Reads a comment; nil for one of another program.
  init?(_ text: [UInt8]) {
    if text.starts(with: Self.startMark) {
      let line = text.dropFirst(Self.startMark.count)
      guard let end = line.firstIndex(of: Self.lineEnd) else { return nil }
      self = .start(head: Array(line[..<end]))
      return
    }
    let digits = Digest.Algorithm.sha256.digitCount, digest = Self.recordMark.count, line = digest + digits + 1
    guard text.starts(with: Self.recordMark), text.count > line, text[line - 1] == Self.lineEnd,
      let end = text[line...].firstIndex(of: Self.lineEnd)
    else { return nil }
    self = .record(digest: digest..<digest + digits, line: line..<end + 1)
  }
}
