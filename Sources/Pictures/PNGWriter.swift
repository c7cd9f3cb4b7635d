// PNG files (W3C, Portable Network Graphics, third edition) with a palette, written row by row.

import CZlib

/// Writes an image of bytes, each the number of a colour in a palette.
package struct PNGWriter {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  /// Bytes of compressed data in a chunk, at least, but for the last one.
  private static let chunkSize = 1 << 15

  let width: Int, height: Int
  private let write: ([UInt8]) throws -> Void
  private let deflater: Deflater
  private var compressed: [UInt8] = []
  private var rows = 0

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - size: Pixels, at least one each way.
  ///   - palette: Up to 256 colours, 0xRRGGBB.
  ///   - texts: Keywords (Latin-1, up to 79 bytes) and texts; what is not printable ASCII becomes `?`.
  ///   - write: Takes the next piece of the file.
  /// - Throws: What `write` throws, `PictureError`.
  package init(
    _ size: (width: Int, height: Int), palette: [UInt32], texts: [(String, String)],
    to write: @escaping ([UInt8]) throws -> Void
  ) throws {
    precondition((1...Int(Int32.max)).contains(size.width) && (1...Int(Int32.max)).contains(size.height))
    precondition((1...256).contains(palette.count))
    (width, height) = size
    self.write = write
    deflater = try Deflater()
    // 8 bits, palette, deflate, adaptive filters, not interlaced.
    let header = Self.bigEndian(width) + Self.bigEndian(height) + [8, 3, 0, 0, 0]
    var head = Self.signature + Self.chunk("IHDR", header)
    for (keyword, text) in texts {
      head += Self.chunk("tEXt", Array(keyword.utf8) + [0] + Self.plain(text))
    }
    head += Self.chunk("PLTE", palette.flatMap { Self.bigEndian(Int($0)).dropFirst() })
    try write(head)
  }

  /// Appends a row from above: a byte for each pixel.
  package mutating func append(_ row: [UInt8]) throws {
    precondition(row.count == width && rows < height)
    rows += 1
    // No filter: neighbours in a palette are no neighbours in colour, or the same.
    try compress([0] + row, isLast: false)
  }

  /// Ends the file, which must have all its rows.
  package mutating func finish() throws {
    precondition(rows == height, "\(rows) rows of \(height)")
    try compress([], isLast: true)
    if !compressed.isEmpty { try write(Self.chunk("IDAT", compressed)) }
    try write(Self.chunk("IEND", []))
  }

  private mutating func compress(_ bytes: [UInt8], isLast: Bool) throws {
    var compressed = compressed
    self.compressed = []
    try deflater.push(bytes, isLast: isLast) { compressed += $0 }
    if compressed.count >= Self.chunkSize {
      try write(Self.chunk("IDAT", compressed))
      compressed.removeAll(keepingCapacity: true)
    }
    self.compressed = compressed
  }

  // MARK: Chunks

  /// A chunk: length, type, data, and the CRC-32 of the latter two.
  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return bigEndian(data.count) + body + bigEndian(checksum(body[...]))
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.withUnsafeBytes { Int(crc32_z(0, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count)) }
  }

  /// Four bytes.
  private static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func plain(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? UInt8($0.value) : UInt8(ascii: "?") }
  }

  /// The text of the first chunk after the header, if that is a whole one with this keyword; nil for other files.
  ///
  /// - Parameters:
  ///   - keyword: The keyword.
  ///   - head: The first bytes of a file.
  /// - Returns: The text.
  package static func firstText(_ keyword: String, in head: [UInt8]) -> ArraySlice<UInt8>? {
    let start = signature + bigEndian(13) + Array("IHDR".utf8), place = signature.count + 25
    guard head.starts(with: start), head.count >= place + 12 else { return nil }
    let length = head[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    guard length <= head.count - place - 12 else { return nil }
    let body = head[place + 4..<place + 8 + length], found = head[place + 8 + length..<place + 12 + length]
    let expected = Array("tEXt".utf8) + Array(keyword.utf8) + [0]
    guard body.starts(with: expected), Array(found) == bigEndian(checksum(body)) else { return nil }
    return body.dropFirst(expected.count)
  }
}
