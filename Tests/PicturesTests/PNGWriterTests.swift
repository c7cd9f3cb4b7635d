// PNG files, read back by a reader of our own.

import Pictures
import TestSupport
import Testing

@Suite struct PNGWriterTests {
  private final class Written { var pieces: [[UInt8]] = [] }

  private func write(
    _ rows: [[UInt8]], palette: [UInt32], texts: [(String, String)] = []
  ) throws -> [[UInt8]] {
    let written = Written()
    var file = try PNGWriter((rows[0].count, rows.count), palette: palette, texts: texts) { written.pieces.append($0) }
    for row in rows { try file.append(row) }
    try file.finish()
    return written.pieces
  }

  @Test("What comes out is what went in", arguments: [(1, 1), (1, 300), (3, 2), (700, 500), (200_000, 3)])
  func roundTrip(_ width: Int, _ height: Int) throws {
    var random = RandomNumbers(seed: UInt64(width * 1000 + height))
    let palette = (0..<256).map { (index: UInt32) -> UInt32 in index << 16 | (255 - index) << 8 | 0x7F }
    var rows: [[UInt8]] = []
    for _ in 0..<height { rows.append((0..<width).map { _ in UInt8(truncatingIfNeeded: random.next()) }) }
    let pieces = try write(rows, palette: palette)
    let image = try DecodedPNG(pieces.flatMap(\.self))
    #expect(image.width == width && image.height == height && image.palette == palette)
    // Not the arrays themselves: a failure would print them.
    #expect((image.rows == rows) == true)
    // Random bytes do not get smaller: a large image has several chunks, and no piece is large.
    #expect((image.chunks.count { $0 == "IDAT" } >= 3) == (width >= 700))
    #expect(pieces.allSatisfy { $0.count < 200_000 + width })
  }

  @Test("Texts come before the image, and the first one can be found in the head") func texts() throws {
    let pieces = try write([[0, 1]], palette: [0, 0xFFFFFF], texts: [("Key", "a é\u{1}\n€"), ("Title", "x")])
    let bytes = pieces.flatMap(\.self), image = try DecodedPNG(bytes)
    #expect(image.texts == ["Key": "a ????", "Title": "x"])
    #expect(image.chunks == ["IHDR", "tEXt", "tEXt", "PLTE", "IDAT", "IEND"])
    let end = 8 + 25 + 12 + 10
    #expect(PNGWriter.firstText("Key", in: Array(bytes.prefix(end))).map { Array($0) } == Array("a ????".utf8))
    #expect(PNGWriter.firstText("Title", in: bytes) == nil)
    for count in 0..<end { #expect(PNGWriter.firstText("Key", in: Array(bytes.prefix(count))) == nil) }
    for place in 0..<end where !(16..<33).contains(place) {
      var damaged = bytes
      damaged[place] ^= 0x41
      #expect(PNGWriter.firstText("Key", in: damaged) == nil, "\(place)")
    }
    // A length that is larger than any file.
    var long = bytes
    long.replaceSubrange(33..<37, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(PNGWriter.firstText("Key", in: long) == nil)
  }

  @Test("A write that fails ends the file") func failure() throws {
    struct Full: Error {}
    #expect(throws: Full.self) {
      _ = try PNGWriter((1, 1), palette: [0], texts: []) { _ in throw Full() }
    }
  }
}
