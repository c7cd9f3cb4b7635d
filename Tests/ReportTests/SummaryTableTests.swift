// Lines of summaries read back.

import Report
import Testing

@Suite struct SummaryTableTests {
  private func read(_ text: String) -> [SummaryEntry]? { SummaryTable.read(Array(text.utf8)) }

  private let old = "name\tlength\tmean_plddt\tptm\tseconds\trecycles\tprecision\tmodel\tstatus\tmessage\n"

  @Test func theFirstVersionOfTheTable() throws {
    let entries = try #require(
      read(
        old
          + "a\t58\t94.57\t0.7421\t0.123\t3\tfp32\tdemo\tok\t\nb\tNA\tNA\tNA\tNA\tNA\tfp32\tm\tfailed\tx\\ty\\\\z\\u001b[1m\n"
      ))
    #expect(entries.map(\.name) == ["a", "b"])
    #expect(entries[0].length == 58 && entries[0].meanPLDDT == 94.57 && entries[0].ptm == 0.7421)
    #expect(entries[0].seconds == 0.123 && entries[0].model == "demo" && entries[0].isFolded)
    #expect(entries[0].header == nil && entries[0].chains == nil && entries[0].finished == nil)
    #expect(!entries[1].isFolded && entries[1].message == "x\ty\\z\u{1B}[1m" && entries[1].length == nil)
  }

  @Test func columnsOfComplexes() throws {
    let head = "name\tlength\tmean_plddt\tptm\tstatus\tpair_iptm\tpair_pae\tpdockq\tipsae\tfinished\tmachine\n"
    let entries = try #require(
      read(head + "a\t9\t1\t0\tok\tA-B=0.5;A-C=nan;x\tA-B=3.25\tA-C=0.25\tNA\t2026-01-31T12:00:00Z\tZen\n"))
    #expect(
      entries[0].pairs == [
        PairScores(first: "A", second: "B", iptm: 0.5, error: 3.25),
        PairScores(first: "A", second: "C", pDockQ: 0.25),
      ])
    #expect(entries[0].finished == "2026-01-31T12:00:00Z" && entries[0].machine == "Zen")
  }

  @Test func theLastLineOfAProteinCountsAndWhatACrashHasCutOffDoesNot() throws {
    let entries = try #require(read(old + "a\t1\nb\t2\na\t3\nc\t4"))
    #expect(entries.map(\.name) == ["a", "b"])
    #expect(entries[0].length == 3)
  }

  @Test("Numbers that are none are left out", arguments: ["-1", "1e999", "nan", "", "NA", "x", "99999999999999999999"])
  func numbers(_ text: String) throws {
    let entries = try #require(read(old + "a\t\(text)\t\(text == "-1" ? "nan" : text)\n"))
    #expect(entries[0].length == nil)
    #expect(entries[0].meanPLDDT == nil || text == "99999999999999999999")
  }

  @Test func otherTablesAreNone() {
    #expect(read("") == nil)
    #expect(read("gene\tcount\na\t1\n") == nil)
    #expect(read(old)?.isEmpty == true)
  }
}
