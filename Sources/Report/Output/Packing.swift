// Bytes for a page: packed by zlib, in base64.

import CZlib

package enum Packing {
  /// `bytes` as a zlib stream (RFC 1950), which browsers unpack by themselves, in base64 (RFC 4648).
  package static func packed(_ bytes: [UInt8]) -> [UInt8] {
    // The least effort: of the four fifths that zlib saves, more of it saves one more part in twenty.
    let effort: Int32 = 1
    var count = compressBound(UInt(bytes.count))
    let packed = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
      let code = compress2(buffer.baseAddress, &count, bytes, UInt(bytes.count), effort)
      precondition(code == Z_OK, "compress2: \(code) for a buffer of compressBound")
      initialized = Int(count)
    }
    return base64(packed)
  }

  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// `bytes` in base64, with padding.
  package static func base64(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var text: [UInt8] = [], group: UInt32 = 0, filled = 0
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    func digit(_ place: UInt32) -> UInt8 { digits[Int(group >> place & 63)] }
    for byte in bytes {
      group = group << 8 | UInt32(byte)
      filled += 1
      guard filled == 3 else { continue }
      text.append(digit(18))
      text.append(digit(12))
      text.append(digit(6))
      text.append(digit(0))
      (group, filled) = (0, 0)
    }
    guard filled > 0 else { return text }
    group <<= UInt32(8 * (3 - filled))
    let padding = UInt8(ascii: "=")
    return text + [digit(18), digit(12), filled == 2 ? digit(6) : padding, padding]
  }
}
