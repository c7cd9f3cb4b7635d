// Reads a file or standard input in pieces; gzip is recognised by its first bytes, not by the file's name.

import Glibc
import Platform

package enum InputFile {
  /// The name of `path` in messages.
  package static func displayName(_ path: String) -> String { path == "-" ? "standard input" : visiblePath(path) }

  /// Whether an input can be read twice, and never pauses: no standard input, no pipe.
  package static func isFile(_ path: String) -> Bool { path != "-" && FileStatus.kind(of: path) == .file }

  /// Pass the content of a file to `consume`, piece by piece, decompressed if it is gzip.
  ///
  /// - Parameters:
  ///   - path: the file; `-` is standard input.
  ///   - pieceSize: bytes asked for at a time.
  ///   - goesOn: asked before each read from the open file, on which it may wait; false ends the reading.
  ///   - consume: takes each piece in order; the pieces are never empty.
  /// - Returns: whether the file was read to its end.
  /// - Throws: `InputError`; the pieces before the failure have been passed on.
  @discardableResult
  package static func read(
    _ path: String, pieceSize: Int = 1 << 16, while goesOn: (_ descriptor: Int32) -> Bool = { _ in true },
    _ consume: (UnsafeRawBufferPointer) -> Void
  ) throws(InputError) -> Bool {
    let name = displayName(path)
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: name, action: "open", code: errno) }
    defer { if path != "-" { close(descriptor) } }
    if (try? FileStatus(descriptor: descriptor, path: name))?.kind == .folder { throw .directory(path: name) }

    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(pieceSize, 2), alignment: 16)
    defer { buffer.deallocate() }
    // The first piece must hold the two magic bytes, even if a pipe delivers them one at a time.
    guard goesOn(descriptor) else { return false }
    var count = try fill(buffer, atLeast: 2, from: descriptor, name)
    let isGzip = count >= 2 && buffer[0] == 0x1F && buffer[1] == 0x8B
    let gunzip = isGzip ? try Gunzip(path: name) : nil
    while count > 0 {
      let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      if let gunzip { try gunzip.push(piece, consume) } else { consume(piece) }
      guard goesOn(descriptor) else { return false }
      count = try fill(buffer, atLeast: 1, from: descriptor, name)
    }
    try gunzip?.finish()
    return true
  }

  /// Read until the buffer holds at least `minimum` bytes or the file ends.
  private static func fill(
    _ buffer: UnsafeMutableRawBufferPointer, atLeast minimum: Int, from descriptor: Int32, _ name: String
  ) throws(InputError) -> Int {
    var total = 0
    while total < minimum {
      let count = Glibc.read(descriptor, buffer.baseAddress.map { $0 + total }, buffer.count - total)
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(path: name, action: "read", code: errno)
      }
      if count == 0 { break }
      total += count
    }
    return total
  }
}
