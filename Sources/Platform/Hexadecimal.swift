// Bytes as hexadecimal digits.

/// Two digits for each byte, in lower case.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// The 16 digits of a number, in lower case.
package func hexadecimal(_ number: UInt64) -> String {
  withUnsafeBytes(of: number.bigEndian) { hexadecimal($0) }
}

/// Whether a byte of a text is a hexadecimal digit, in whichever case.
package func isHexadecimalDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
    UInt8(ascii: "A")...UInt8(ascii: "F"):
    true
  default: false
  }
}
