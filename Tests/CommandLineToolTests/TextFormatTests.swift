import CommandLineTool
import Testing

@Suite struct TextFormatTests {
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
    (50 << 20, "50 MiB"), (Int.max, "8388608 TiB"),
  ])
  func bytes(_ count: Int, _ text: String) {
    #expect(byteCount(count) == text)
  }

  @Test func wrapping() {
    #expect(wrapped("aa bb cc", 5) == ["aa bb", "cc"])
    #expect(wrapped("aaaaaaa b", 5) == ["aaaaaaa", "b"])
    #expect(wrapped("", 5) == [])
  }

  @Test func alignment() {
    #expect(aligned([["a", "bb", "c"], ["aaa", "b", "cc"]]) == "a    bb  c\naaa  b   cc\n")
    #expect(aligned([]) == "")
  }

  @Test func json() {
    #expect(jsonString("a\"b\\c\n\t\u{1}\u{1B}é") == "\"a\\\"b\\\\c\\n\\t\\u0001\\u001bé\"")
  }
}
