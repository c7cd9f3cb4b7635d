// Numbers, sizes and texts of others as people and JSON readers see them.

import Foundation
import Platform
import Testing

@Suite struct TextTests {
  @Test(arguments: [
    (0.0, 2, "0.00"), (1.0, 0, "1"), (1.25, 1, "1.3"), (-1.25, 1, "-1.3"), (0.004, 2, "0.00"), (-0.004, 2, "0.00"),
    (0.05, 3, "0.050"), (95.249, 2, "95.25"), (123456.789, 3, "123456.789"), (.nan, 2, "nan"), (.infinity, 1, "inf"),
    (-.infinity, 1, "-inf"), (1e300, 2, "1e+300"), (9.999, 2, "10.00"),
  ])
  func decimals(_ value: Double, _ digits: Int, _ text: String) {
    #expect(fixed(value, digits) == text)
  }

  @Test(arguments: [
    (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (8_440_000_000, "7.9 GiB"),
    (50 << 20, "50.0 MiB"), (100 << 20, "100 MiB"), (3 << 40, "3.0 TiB"), (Int.max, "8388608 TiB"),
  ])
  func binarySizes(_ count: Int, _ text: String) {
    #expect(byteCount(count) == text)
  }

  @Test(arguments: [
    (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (66_276, "66.3 kB"), (136_000_000, "136 MB"),
    (8_442_062_570, "8.4 GB"), (60_000_000_000, "60.0 GB"), (Int.max, "9223372 TB"),
  ])
  func decimalSizes(_ bytes: Int, _ text: String) {
    #expect(decimalBytes(bytes) == text)
  }

  @Test("Foundation reads JSON texts back unchanged") func json() throws {
    #expect(jsonString("a\"b\\c\n\t\u{1}\u{1B}é") == "\"a\\\"b\\\\c\\n\\t\\u0001\\u001bé\"")
    let text = String(String.UnicodeScalarView((0..<0x300).compactMap(Unicode.Scalar.init))) + "😀\u{2028}"
    let read = try JSONSerialization.jsonObject(with: Data("[\(jsonString(text))]".utf8)) as? [String]
    #expect(read == [text])
  }

  @Test("No control is shown, wherever it stands") func controls() {
    // C0, DEL, C1; separators of lines and paragraphs; embeddings, overrides and isolates of the writing direction.
    let controls =
      Array(0..<0x20) + Array(0x7F...0x9F) + Array(0x2028...0x202E) + Array(0x2066...0x2069) as [UInt32]
    for value in 0..<0x2100 as Range<UInt32> {
      guard let scalar = Unicode.Scalar(value) else { continue }
      #expect(scalar.isControl == controls.contains(value), "\(value)")
      let text = "a\(scalar)b"
      #expect((visible(text) == text) == !controls.contains(value), "\(value)")
      let all = [visible(text), quoted(text), jsonString(text)].joined()
      let left = all.unicodeScalars.filter(\.isControl)
      #expect(left.isEmpty, "\(value)")
    }
    #expect(visible("\u{1B}[31m\u{9B}\u{202E}\u{7}\r\n\té…") == "\\u{1B}[31m\\u{009B}\\u{202E}\\u{07}\\r\\n\\té…")
    #expect(visible("a\tb\n\u{1B}", keeping: [9, 10]) == "a\tb\n\\u{1B}" && visiblePath("") == "\"\"")
    #expect(jsonString("\u{9B}\u{2066}\u{7F}") == "\"\\u009b\\u2066\\u007f\"")
  }

  @Test func quotations() {
    #expect(quoted("a'b") == "\"a'b\"")
    for scalar in ["\n", "\u{1B}", "\u{9B}", "\u{7F}"] { #expect(quoted(scalar) != "\"\(scalar)\"") }
    #expect(quoted("\n") == "\"\\n\"")
    #expect(quoted(String(repeating: "é", count: 80)).count == 82)
    #expect(quoted(String(repeating: "é", count: 81)) == "\"\(String(repeating: "é", count: 80))…\"")
  }

  @Test func digits() {
    #expect(hexadecimal([0, 9, 10, 0x7F, 0xFF] as [UInt8]) == "00090a7fff")
    #expect(hexadecimal(0x0123_4567_89ab_cdef) == "0123456789abcdef" && hexadecimal(1) == "0000000000000001")
  }

  @Test("Hashes and random bits match published values") func published() {
    // http://www.isthe.com/chongo/tech/comp/fnv/ and the reference code of SplitMix64 with seed 1234567.
    #expect(shortHash("".utf8) == 0xcbf2_9ce4_8422_2325 && shortHash("foobar".utf8) == 0x8594_4171_f739_67e8)
    var random = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in random.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
  }

  @Test func times() {
    #expect((Duration.seconds(2) + .milliseconds(250)).inSeconds == 2.25)
    let now = ISO8601DateFormatter().date(from: utcTime())?.timeIntervalSinceNow
    #expect(now.map { abs($0) < 60 } == true)
  }
}
