// The checksum of zip files against its definition.

import Tensors
import TestSupport
import Testing

@Suite struct ChecksumTests {
  /// The definition, bit by bit: the remainder of the bytes as a polynomial, bits reversed, first and last inverted.
  private static func twin(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { state, byte in
      (0..<8).reduce(state ^ UInt32(byte)) { state, _ in state >> 1 ^ (state & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
  }

  private static let bytes: [UInt8] = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

  private static func sums(_ bytes: [UInt8], after before: UInt32 = 0) -> [UInt32] {
    bytes.withUnsafeBytes { bytes in [false, true].map { zipChecksum(bytes, after: before, portable: $0) } }
  }

  @Test("The check value of the definition, and that of nothing") func knownValues() {
    #expect(Self.sums(Array("123456789".utf8)) == [0xCBF4_3926, 0xCBF4_3926])
    #expect(Self.sums([]) == [0, 0] && Self.sums([], after: 0x1234_5678) == [0x1234_5678, 0x1234_5678])
    // zlib.crc32 of Python.
    #expect(Self.sums([UInt8](repeating: 0, count: 64)) == [0x758D_6336, 0x758D_6336])
    #expect(Self.sums([UInt8](repeating: 0xFF, count: 1000)) == [0xE053_3230, 0xE053_3230])
  }

  @Test(
    "Every length, at every place", arguments: [0, 1, 15, 16, 63, 64, 65, 79, 80, 127, 128, 1000, 4095, 4096, 65_537])
  func lengths(_ count: Int) {
    for start in [0, 1, 7, 16] {
      let part = Array(Self.bytes[start..<start + count]), expected = Self.twin(part)
      #expect(Self.sums(part) == [expected, expected], "\(count) from \(start)")
    }
  }

  @Test("Pieces give the sum of the whole") func pieces() {
    let whole = Self.twin(Self.bytes)
    for place in [0, 1, 100, 4096, 69_999, 70_000] {
      for sum in Self.sums(Array(Self.bytes[..<place])) {
        #expect(Self.sums(Array(Self.bytes[place...]), after: sum) == [whole, whole], "\(place)")
      }
    }
  }
}
