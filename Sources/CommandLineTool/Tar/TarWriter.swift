// Writes records into a tar: behind its end, where they count all at once, or into a new file.

import Glibc
import Platform

/// Bytes on their way into a tar.
///
/// As many blocks as the end of a tar has are held back: there that end stays until everything behind it is on the disk. So a
/// reader finds a valid archive at any moment, and whatever ends the process leaves all of a record or nothing.
final class TarWriter {
  private let descriptor: Int32
  private let path: String
  private let start: Int
  /// Where the next bytes go.
  private(set) var position: Int
  private var held: [UInt8] = []
  private let holds: Int
  /// Of the files of a record, and of everything.
  private var digest = RunningDigest(), whole = RunningDigest()
  private static let pieceSize = 1 << 20

  /// - Parameters:
  ///   - descriptor: The open file.
  ///   - path: Its name in errors.
  ///   - start: Where the bytes go.
  ///   - holds: How many bytes are held back until `finish`.
  init(_ descriptor: Int32, _ path: String, at start: Int, holds: Int = 0) {
    (self.descriptor, self.path, self.start, self.holds) = (descriptor, path, start, holds)
    position = start
  }

  /// Writes bytes; those of a record count for its digest.
  func put(_ bytes: [UInt8]) throws(SystemError) {
    bytes.withUnsafeBytes {
      digest.update($0)
      whole.update($0)
    }
    let count = max(0, min(bytes.count, holds - held.count))
    held += bytes.prefix(count)
    let code = bytes.withUnsafeBytes {
      writeAll(UnsafeRawBufferPointer(rebasing: $0[count...]), to: descriptor, at: position + count)
    }
    guard code == 0 else { throw SystemError(path: path, action: "write", code: code) }
    position += bytes.count
  }

  /// Writes a file.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - size: How many bytes it has.
  ///   - source: Where they are.
  ///   - offset: At which place there.
  /// - Returns: Where it is.
  /// - Throws: `SystemError` when it cannot be read or written.
  @discardableResult
  func put(
    _ name: String, size: Int, from source: Int32, at offset: Int
  ) throws(SystemError) -> TarResults.Member {
    let header = position
    try put(TarHeader.file(name, size: size))
    let data = position
    var done = 0
    while done < size {
      let piece = try readAll(min(Self.pieceSize, size - done), at: offset + done, from: source, path)
      // Somebody has made the file shorter.
      guard !piece.isEmpty else { throw SystemError(path: path, action: "read", code: EIO) }
      try put(piece)
      done += piece.count
    }
    try pad(size)
    return TarResults.Member(name: shortHash(name.utf8), start: header, data: data, size: size)
  }

  /// Ends the content of a file.
  func pad(_ size: Int) throws(SystemError) {
    try put([UInt8](repeating: 0, count: TarHeader.padding(after: size)))
  }

  /// Begins the files of a record, which `putRow` ends.
  func begin() { digest = RunningDigest() }

  /// Writes the line of a record behind its files.
  ///
  /// - Returns: Where the comment with it is, and where the line itself.
  @discardableResult
  func putRow(_ line: [UInt8]) throws(SystemError) -> (comment: Int, line: Int) {
    var files = RunningDigest()
    swap(&files, &digest)
    let entry = TarRow.entry(line, files.finish()), comment = position
    try put(entry.blocks)
    return (comment, comment + entry.line)
  }

  /// Makes what was written durable, then writes what was held back.
  ///
  /// - Parameter whole: Runs its argument without being disturbed by a signal.
  /// - Throws: `SystemError` when it cannot be written, and what `whole` throws.
  func finish(_ whole: (() throws(SystemError) -> Void) throws(SystemError) -> Void) throws(SystemError) {
    try synchronize(descriptor, path)
    try whole { () throws(SystemError) in
      let code = held.withUnsafeBytes { writeAll($0, to: descriptor, at: start) }
      guard code == 0 else { throw SystemError(path: path, action: "write", code: code) }
    }
    try synchronize(descriptor, path)
  }

  /// The digest of everything that was written.
  var digestOfAll: Digest {
    var all = RunningDigest()
    swap(&all, &whole)
    return all.finish()
  }
}
