// Streaming decompression of gzip (RFC 1952), also of several members in one file as bgzip and `cat a.gz b.gz` make.

import CZlib

/// Decompresses pieces of one gzip file.
final class Gunzip {
  private let path: String
  /// On the heap because zlib keeps a pointer back to it.
  private let stream: UnsafeMutablePointer<z_stream>
  private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  /// Between two members, or after the last.
  private var isBetweenMembers = false

  init(path: String) throws(InputError) {
    self.path = path
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let onlyGzip: Int32 = 15 + 16  // the largest window; 16 asks for a gzip header
    let code = inflateInit2_(stream, onlyGzip, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw .gzip(path: path, reason: "zlib cannot start (code \(code))") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    output.deallocate()
  }

  /// Decompress one piece of the file and pass the result on.
  func push(_ piece: UnsafeRawBufferPointer, _ consume: (UnsafeRawBufferPointer) -> Void) throws(InputError) {
    let bytes = UnsafeMutableRawBufferPointer(mutating: piece).assumingMemoryBound(to: UInt8.self)
    stream.pointee.next_in = bytes.baseAddress
    stream.pointee.avail_in = UInt32(clamping: bytes.count)
    repeat {
      if isBetweenMembers {
        // Zeros after a member are padding (tapes, some storage systems); anything else must be a member again.
        while stream.pointee.avail_in > 0, stream.pointee.next_in.pointee == 0 {
          stream.pointee.next_in += 1
          stream.pointee.avail_in -= 1
        }
        if stream.pointee.avail_in == 0 { return }
        inflateReset(stream)
        isBetweenMembers = false
      }
      stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(output.count)
      let code = inflate(stream, Z_NO_FLUSH)
      guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
        throw .gzip(path: path, reason: stream.pointee.msg.map { String(cString: $0) } ?? "zlib code \(code)")
      }
      let count = output.count - Int(stream.pointee.avail_out)
      if count > 0 { consume(UnsafeRawBufferPointer(rebasing: output[..<count])) }
      isBetweenMembers = code == Z_STREAM_END
    } while stream.pointee.avail_in > 0 || (stream.pointee.avail_out == 0 && !isBetweenMembers)
  }

  /// Check that the file did not end in the middle of a member.
  func finish() throws(InputError) {
    guard isBetweenMembers else { throw .gzip(path: path, reason: "found the end of the file, expected more data") }
  }
}
