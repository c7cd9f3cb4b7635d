import CommandLineTool
import Testing

@Suite struct TextFormatTests {
  @Test func wrapping() {
    #expect(wrapped("aa bb cc", 5) == ["aa bb", "cc"])
    #expect(wrapped("aaaaaaa b", 5) == ["aaaaaaa", "b"])
    #expect(wrapped("", 5) == [])
  }

  @Test func alignment() {
    #expect(aligned([["a", "bb", "c"], ["aaa", "b", "cc"]]) == "a    bb  c\naaa  b   cc\n")
    #expect(aligned([]) == "")
  }
}
