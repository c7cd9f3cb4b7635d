// Text handed over in pieces: all of it, in order, none empty.

import Protein
import Testing

@Suite struct TextPiecesTests {
  @Test("Every byte is handed over once", arguments: [0, 1, 4095, 4096, 65_535, 65_536, 200_000])
  func pieces(_ count: Int) throws {
    var taken: [[UInt8]] = []
    var text = TextPieces { taken.append($0) }
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
    for start in stride(from: 0, to: count, by: 1000) {
      text.bytes += bytes[start..<min(count, start + 1000)]
      try text.passOn()
    }
    try text.finish()
    try text.finish()
    #expect(taken.flatMap { $0 } == bytes)
    #expect(taken.allSatisfy { !$0.isEmpty && $0.count < TextPieces.pieceSize + 1000 })
    #expect(taken.count == (count + 65_999) / 66_000)
  }
}
