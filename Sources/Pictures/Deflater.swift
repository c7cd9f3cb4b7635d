// Streaming compression by zlib (RFC 1950).

import CZlib

/// Compresses pieces of one stream.
final class Deflater {
  /// On the heap because zlib keeps a pointer back to it.
  private let stream: UnsafeMutablePointer<z_stream>
  private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

  init() throws(PictureError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let code = deflateInit_(stream, Z_BEST_COMPRESSION, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw .compression(code) }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
    output.deallocate()
  }

  /// Compresses a piece, the last one if `isLast`, and passes on what comes out.
  func push(_ piece: [UInt8], isLast: Bool, _ consume: (UnsafeRawBufferPointer) throws -> Void) throws {
    try piece.withUnsafeBytes { bytes in
      let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.next_in = start
      stream.pointee.avail_in = UInt32(bytes.count)
      repeat {
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        let code = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
        // Without input and output there is nothing to do, which zlib calls an error.
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { throw PictureError.compression(code) }
        let count = output.count - Int(stream.pointee.avail_out)
        if count > 0 { try consume(UnsafeRawBufferPointer(rebasing: output[..<count])) }
      } while stream.pointee.avail_out == 0
    }
  }
}
