// Reads a file or standard input in pieces; gzip is recognised by its first bytes, not by the file's name.

import Glibc
import Platform

package enum InputFile {
  /// The name of `path` in messages.
  package static func displayName(_ path: String) -> String { path == "-" ? "standard input" : path }

  /// Pass the content of a file to `consume`, piece by piece, decompressed if it is gzip.
  ///
  /// - Parameters:
  ///   - path: the file; `-` is standard input.
  ///   - pieceSize: bytes asked for at a time.
  ///   - goesOn: asked before each piece; false ends the reading.
  ///   - consume: takes each piece in order; the pieces are never empty.
  /// - Throws: `InputError`; the pieces before the failure have been passed on.
  package static func read(
    _ path: String, pieceSize: Int = 1 << 16, while goesOn: () -> Bool = { true },
    _ consume: (UnsafeRawBufferPointer) -> Void
  ) throws(InputError) {
    let name = displayName(path)
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: name, action: "open", code: errno) }
    defer { if path != "-" { close(descriptor) } }
    if (try? FileStatus(descriptor: descriptor, path: name))?.kind == .folder { throw .directory(path: name) }

    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(pieceSize, 2), alignment: 16)
    defer { buffer.deallocate() }
    // The first piece must hold the two magic bytes, even if a pipe delivers them one at a time.
    var count = try fill(buffer, atLeast: 2, from: descriptor, name)
    let isGzip = count >= 2 && buffer[0] == 0x1F && buffer[1] == 0x8B
    let gunzip = isGzip ? try Gunzip(path: name) : nil
    while count > 0 {
      guard goesOn() else { return }
      let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      if let gunzip { try gunzip.push(piece, consume) } else { consume(piece) }
      count = try fill(buffer, atLeast: 1, from: descriptor, name)
    }
    try gunzip?.finish()
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
