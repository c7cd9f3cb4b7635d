// The letters of our pictures.

import Pictures
import Testing

@Suite struct TextMaskTests {
  @Test("What our pictures say has letters, and no two are alike") func letters() {
    let needed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._- ()…"
      + "Scored residueAligned residueExpected position error (Å)"
    #expect(StrokeFont.characters.isSuperset(of: needed))
    var seen: [[Float]: Character] = [:]
    for character in StrokeFont.characters.sorted() {
      for size in [13.0, 14, 16, 24] {
        let mask = TextMask(String(character), size: size)
        let darkest = mask.coverage.max() ?? 0
        #expect(character == " " ? darkest == 0 : darkest > 0.9, "\(character) at \(size): \(darkest)")
        // Nothing is cut off: the outermost pixels are empty.
        let (width, height) = (mask.width, mask.height)
        var edge: [Int] = []
        for column in 0..<width { edge += [column, (height - 1) * width + column] }
        for row in 0..<height { edge += [row * width, (row + 1) * width - 1] }
        #expect(edge.allSatisfy { mask.coverage[$0] < 0.5 }, "\(character) at \(size)")
      }
      let mask = TextMask(String(character), size: 14)
      let other = seen.updateValue(character, forKey: mask.coverage)
      #expect(other == nil, "\(character) looks like another letter")
    }
  }

  @Test("Lines along the pixels are sharp") func sharp() {
    let mask = TextMask("E", size: 20)
    // Its stem: column 2, after the margin, 14 pixels above the baseline.
    let stem = (mask.baseline - 14...mask.baseline).map { mask.coverage[$0 * mask.width + 2] }
    #expect(stem.allSatisfy { $0 == 1 })
    #expect(mask.coverage[(mask.baseline - 16) * mask.width + 2] == 0)
    #expect(mask.coverage[(mask.baseline - 4) * mask.width + 4] == 0)
    for row in [mask.baseline, mask.baseline - 14] { #expect(mask.coverage[row * mask.width + 8] == 1) }
  }

  @Test("Turned text is read from below") func turned() {
    let mask = TextMask("L1", size: 16), turned = mask.turned
    #expect(turned.width == mask.height && turned.height == mask.width)
    let places = (0..<mask.height).flatMap { row in (0..<mask.width).map { (row, $0) } }
    let wrong = places.count { row, column in
      turned.coverage[(turned.height - 1 - column) * turned.width + row] != mask.coverage[row * mask.width + column]
    }
    #expect(wrong == 0)
  }

  @Test("What has no letter is a frame of its own width") func unknown() {
    #expect(TextMask("日", size: 14).coverage == TextMask("😀", size: 14).coverage)
    #expect(TextMask("日日", size: 14).width > TextMask("日", size: 14).width)
  }
}
