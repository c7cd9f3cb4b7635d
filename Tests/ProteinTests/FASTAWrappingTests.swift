// Lines without a header: one sequence that was wrapped, or a sequence each.

import Protein
import Testing

struct FASTAWrappingTests {
  private func count(_ lines: [String]) -> Int {
    FASTAParser.records(in: (lines.joined(separator: "\n") + "\n").utf8, file: "p.fa").count
  }

  /// A line that does not begin with M.
  private func line(_ width: Int, _ first: Int) -> String {
    let letters = Array("ACDEFGHIKLNPQRSTVWY")
    return String((0..<width).map { letters[(first + $0 * 5) % letters.count] })
  }

  @Test(
    "Full lines of a usual width are one sequence, also if the last is full", arguments: [50, 60, 70, 80, 100, 120])
  func usualWidths(_ width: Int) {
    #expect(count([line(width, 1), line(width, 2)]) == 1)
    #expect(count([line(width, 1), line(width, 2), line(width - 1, 3)]) == 1)
    #expect(count([line(width, 1), line(width - 1, 2), line(width, 3)]) == 3)
  }

  @Test("Lines of one other width are a sequence each", arguments: [10, 49, 61, 90, 110, 121]) func otherWidths(
    _ width: Int
  ) {
    #expect(count([line(width, 1), line(width, 2)]) == 2)
    // A shorter last line tells that they were wrapped.
    #expect(count([line(width, 1), line(width, 2), line(width - 1, 3)]) == 1)
  }
}
