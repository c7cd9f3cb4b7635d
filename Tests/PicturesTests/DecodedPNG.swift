// A reader of PNG files for tests, after the specification (W3C, third edition) and not after our writer: each chunk's
// checksum bit by bit, the image by zlib.

import CZlib
import Testing

/// An image with a palette.
struct DecodedPNG {
  let width: Int, height: Int
  /// 0xRRGGBB.
  let palette: [UInt32]
  /// Rows from above: numbers of colours.
  let rows: [[UInt8]]
  /// Types of chunks in their order.
  let chunks: [String]
  let texts: [String: String]

  init(_ bytes: [UInt8]) throws {
    try #require(bytes.starts(with: [137, 80, 78, 71, 13, 10, 26, 10]))
    var place = 8, header: [UInt8] = [], palette: [UInt32] = [], compressed: [UInt8] = []
    var chunks: [String] = [], texts: [String: String] = [:]
    while place < bytes.count {
      try #require(place + 12 <= bytes.count)
      let length = Self.number(bytes[place..<place + 4])
      try #require(place + 12 + length <= bytes.count)
      let body = bytes[place + 4..<place + 8 + length], data = body.dropFirst(4)
      #expect(Self.number(bytes[place + 8 + length..<place + 12 + length]) == Self.checksum(body))
      let type = String(decoding: body.prefix(4), as: UTF8.self)
      switch type {
      case "IHDR": header = Array(data)
      case "PLTE":
        let values = Array(data)
        try #require(values.count.isMultiple(of: 3) && (3...768).contains(values.count))
        palette = stride(from: 0, to: values.count, by: 3).map { UInt32(Self.number(values[$0..<$0 + 3])) }
      case "IDAT":
        try #require(!palette.isEmpty && chunks.last.map { ["PLTE", "IDAT"].contains($0) } == true)
        compressed += data
      case "tEXt":
        let end = try #require(data.firstIndex(of: 0))
        texts[String(decoding: data[..<end], as: UTF8.self)] = String(decoding: data[(end + 1)...], as: UTF8.self)
      default: #expect(type == "IEND" && length == 0)
      }
      chunks.append(type)
      place += 12 + length
    }
    try #require(chunks.first == "IHDR" && chunks.last == "IEND" && header.count == 13)
    // Depth 8, palette, the only methods that there are, not interlaced.
    #expect(Array(header[8...]) == [8, 3, 0, 0, 0])
    (width, height) = (Self.number(header[0..<4]), Self.number(header[4..<8]))
    var raw = [UInt8](repeating: 0, count: (width + 1) * height), size = uLong(raw.count)
    #expect(uncompress(&raw, &size, compressed, uLong(compressed.count)) == Z_OK && Int(size) == raw.count)
    let line = width + 1
    rows = (0..<height).map { Array(raw[$0 * line + 1..<($0 + 1) * line]) }
    // No row is filtered.
    #expect((0..<height).allSatisfy { raw[$0 * line] == 0 })
    (self.palette, self.chunks, self.texts) = (palette, chunks, texts)
    #expect(rows.allSatisfy { $0.allSatisfy { $0 < palette.count } })
  }

  /// The colour of a pixel, 0xRRGGBB.
  func colour(_ column: Int, _ row: Int) -> UInt32 { palette[Int(rows[row][column])] }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  /// CRC-32 as the specification defines it (ISO 3309), a bit at a time.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> Int {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return Int(~crc)
  }
}
