// Small files that are read or written as a whole, those of /proc included.

import Glibc

/// Whole small files.
package enum WholeFile {
  private static let pieceByteCount = 1 << 16

  /// The content of the file at `path`.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: No more bytes than these are read.
  /// - Returns: The bytes.
  /// - Throws: `SystemError`, action `open` or `read`.
  package static func read(_ path: String, atMost limit: Int = Int.max) throws(SystemError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError(path: path, action: "open") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while bytes.count < limit {
      // What a file of /proc has is known only when it has been read.
      let piece = try readAll(min(pieceByteCount, limit - bytes.count), from: descriptor, path)
      if piece.isEmpty { break }
      bytes += piece
    }
    return bytes
  }

  /// The last bytes of the file at `path`.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: How many bytes.
  /// - Returns: The bytes; all of a smaller file.
  /// - Throws: `SystemError`, action `open` or `read`.
  package static func tail(_ path: String, _ limit: Int) throws(SystemError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError(path: path, action: "open") }
    defer { close(descriptor) }
    let size = try FileStatus(descriptor: descriptor, path: path).size
    return try readAll(limit, at: max(0, size - limit), from: descriptor, path)
  }

  /// The lines of the file at `path`; none if it cannot be read.
  package static func lines(_ path: String) -> [Substring] {
    let bytes = (try? read(path)) ?? []
    return bytes.split(separator: UInt8(ascii: "\n")).map { Substring(decoding: $0, as: UTF8.self) }
  }

  /// Writes the file at `path`, replacing its content. Not for results: an `UnfinishedFile` is whole or not there.
  ///
  /// - Throws: `SystemError`, action `create` or `write`.
  package static func write(_ bytes: [UInt8], to path: String) throws(SystemError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SystemError(path: path, action: "create") }
    var code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    // Network file systems may report a full disk only here.
    if close(descriptor) != 0, code == 0 { code = errno }
    guard code == 0 else { throw SystemError(path: path, action: "write", code: code) }
  }
}
