// Reports of folders of results: what is in them, where it is, and that nothing in them is taken for markup.

import Foundation
import Platform
import Protein
import Report
import Testing

@Suite struct ReportWriterTests {
  private let fixture: ResultsFixture

  init() throws { fixture = try ResultsFixture() }

  private func summary(_ lines: String...) throws {
    try fixture.write("summary.tsv", ResultsFixture.columns + lines.joined())
  }

  private func line(_ name: String, _ length: Int, header: String = "h") -> String {
    "\(name)\t\(length)\t90.5\t0.75\t1.5\t3\tfp32\tm\tok\t\t\(header)\t1\n"
  }

  @Test func aProteinWithItsFilesAndErrors() throws {
    let pdb = ResultsFixture.pdb([1, 2, 3])
    try summary(line("a", 3))
    try fixture.write("a.pdb", pdb)
    try fixture.write("a.pae.json", ResultsFixture.errors(3))
    let page = try fixture.report(title: "A run"), index = try page.index, record = try page.record(0)
    #expect(index.title == "A run" && index.files == nil && !index.demo && index.program.hasPrefix("esmfold "))
    #expect(index.records.count == 1 && index.runs.count == 1 && index.runs[0].program == "esmfold 9.9")
    #expect(index.runs[0].digest == String(repeating: "cd34", count: 16) && index.runs[0].recycles == 3)
    let shown = index.records[0]
    #expect(shown.name == "a" && shown.length == 3 && shown.plddt == 90.5 && shown.ptm == 0.75 && shown.data)
    #expect(shown.strip == "333" && shown.status == "ok")
    #expect(record.chains.count == 1 && record.chains[0].sequence == "AAA" && record.chains[0].numbers == [[1, 3]])
    #expect(record.plddt == [91, 91, 91] && record.structure == "pdb")
    #expect(record.files.map(\.name) == ["a.pdb"])
    #expect(try unpacked(record.files[0].data, pdb.utf8.count) == Array(pdb.utf8))
    let errors = try #require(record.pae)
    #expect(errors.size == 3 && errors.max == 31.75 && errors.digest == ResultsFixture.digest)
    #expect(try unpacked(errors.data, 18) == [0, 1, 2, 10, 11, 12, 20, 21, 22] + [UInt8](repeating: 0, count: 9))
    #expect(page.outcome.folded == 1 && page.outcome.failed == 0 && page.outcome.size == page.text.utf8.count)
  }

  @Test func thePolicyNamesTheVeryScriptsOfThePage() throws {
    try summary(line("a", 1))
    try fixture.write("a.pdb", ResultsFixture.pdb([1]))
    let page = try fixture.report()
    let policy = try page.between("Content-Security-Policy\" content=\"", "\"")
    for (start, end) in [("<style>", "</style>"), ("<script>", "</script>\n</body>")] {
      var digest = RunningDigest()
      let text = try page.between(start, end)
      Array(text.utf8).withUnsafeBytes { digest.update($0) }
      #expect(policy.contains("'sha256-\(Data(digest.finish().bytes).base64EncodedString())'"), "\(start)")
    }
    #expect(policy.hasPrefix("default-src 'none'; ") && !policy.contains("unsafe") && !policy.contains("http"))
    // Nothing of our own ends its element early, and no mark is left.
    #expect(page.text.ranges(of: "</style>").count == 1 && !page.text.contains("{{"))
    let folder = try fixture.report(.folder)
    #expect(try folder.between("script-src", ";").hasSuffix(" 'self'"))
  }

  @Test func namesAndHeadersAreNeverMarkup() throws {
    let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&\"'"
    try summary(
      line("a", 1, header: hostile), "b\tNA\tNA\tNA\tNA\tNA\tfp32\tm\tfailed\t\(hostile)\t\(hostile)\tNA\n",
      line("../../etc/passwd", 1))
    try fixture.write("a.pdb", ResultsFixture.pdb([1], model: "<script>alert(3)</script>"))
    let page = try fixture.report(title: hostile), index = try page.index
    #expect(!page.text.contains("<script>alert") && !page.text.contains("<img"))
    #expect(index.title == hostile && index.records[0].header == hostile && index.records[1].message == hostile)
    #expect(index.runs[0].model == "<script>alert(3)</script>")
    #expect(try page.between("<title>", "</title>").contains("&lt;/script&gt;"))
    #expect(index.records[2].status == "unreadable" && !index.records[2].data)
  }

  @Test func whatCannotBeReadIsSaidAndTheRestIsShown() throws {
    try summary(line("a", 1), line("b", 1), line("c", 2), line("d", 1), line("e", 1))
    try fixture.write("a.pdb", ResultsFixture.pdb([1]))
    try fixture.write("b.pdb", "HEADER\n")
    try fixture.write("c.pdb", ResultsFixture.pdb([1, 2]))
    try fixture.write("c.pae.json", ResultsFixture.errors(3))
    try fixture.write("d.pdb", ResultsFixture.pdb([1]))
    try fixture.write("d.pae.json", ResultsFixture.errors(1, digest: String(repeating: "0", count: 64)))
    let page = try fixture.report(), records = try page.index.records
    #expect(records.map(\.status) == ["ok", "unreadable", "ok", "ok", "unreadable"])
    #expect(records[1].message == "b.pdb: residues: found none, expected at least one with an alpha carbon")
    #expect(
      records[2].message
        == "the predicted aligned error is left out: c.pae.json: found the errors of 3 residues, expected those of 2")
    #expect(records[3].message?.hasSuffix("d.pae.json: found a file of another fold, expected that of d.pdb") == true)
    #expect(try page.record(2).pae == nil && page.record(3).pae == nil)
    #expect(records[4].message?.hasPrefix("found no structure") == true)
    #expect(page.outcome.unreadable == 2 && page.outcome.folded == 3)
  }

  @Test func twoStructuresOfDifferentFoldsAreNotShownAsOne() throws {
    try summary(line("a", 1))
    try fixture.write("a.pdb", ResultsFixture.pdb([1]))
    try fixture.write("a.cif", "data_a\n")
    #expect(
      try fixture.report().index.records[0].message == "a.cif: found a file of another fold, expected that of a.pdb")
  }

  @Test func residuesWithoutAtoms() throws {
    try summary(line("a", 4), line("b", 4))
    try fixture.write("a.pdb", ResultsFixture.pdb([1, 3]))
    try fixture.write("a.pae.json", ResultsFixture.errors(4))
    // Numbers that were given: the table says which residues there are.
    try fixture.write("b.pdb", ResultsFixture.pdb([7, 100]))
    try fixture.write(
      "b.plddt.tsv", "residue\tletter\tplddt\n7\tA\t91.00\n8\tX\tNA\n99\tX\tNA\n100\tA\t91.00\n")
    let page = try fixture.report(), first = try page.record(0), second = try page.record(1)
    #expect(first.chains[0].sequence == "AXAX" && first.chains[0].numbers == [[1, 4]] && first.pae?.size == 4)
    #expect(first.plddt == [91, nil, 91, nil])
    #expect(second.chains[0].sequence == "AXXA" && second.chains[0].numbers == [[7, 8], [99, 100]])
    #expect(try page.index.records.map(\.strip) == ["3-3-", "3--3"])
    // A table of another fold is not believed.
    try fixture.write(
      "b.plddt.tsv", "residue\tletter\tplddt\n7\tA\t90.00\n8\tX\tNA\n99\tX\tNA\n100\tA\t91.00\n")
    #expect(try fixture.report().record(1).chains[0].sequence == "AA")
  }

  @Test func shardsAndStructuresThatNoSummaryKnows() throws {
    try fixture.write("summary.1-of-2.tsv", ResultsFixture.columns + line("a", 1) + line("b", 1))
    try fixture.write(
      "summary.2-of-2.tsv", ResultsFixture.columns + line("c", 1) + "a\tNA\tNA\tNA\tNA\tNA\tx\tm\tfailed\tno\tNA\tNA\n")
    for name in ["a", "b", "c", "old", "a.sample_2", "a.recycle_0", "b.sample_2.recycle_1"] {
      try fixture.write("\(name).pdb", ResultsFixture.pdb([1]))
    }
    try fixture.write("foreign.pdb", "HEADER\nATOM\n")
    try fixture.write(".old.pdb.part-0123456789abcdef", "HEADER")
    let page = try fixture.report(), records = try page.index.records
    #expect(records.map(\.name) == ["a", "b", "c", "old"])
    #expect(records.allSatisfy { $0.status == "ok" })
    #expect(records[3].plddt == 91 && records[3].ptm == nil)
  }

  @Test func theDemoModelIsNamed() throws {
    try summary(line("a", 1))
    try fixture.write("a.pdb", ResultsFixture.pdb([1], model: "demo"))
    #expect(try fixture.report().index.demo)
  }

  @Test func aFolderOfDataReplacesThatOfAnEarlierReportAndNothingElse() throws {
    try summary(line("a", 2), line("b", 1))
    try fixture.write("a.pdb", ResultsFixture.pdb([1, 2]))
    try fixture.write("b.pdb", ResultsFixture.pdb([1]))
    let files = fixture.path + "/report_files"
    try Folder.create(files)
    for name in ["0-deadbeef.js", "notes.js", "1-x.js", "2-deadbeef.js.bak"] {
      try WholeFile.write([1], to: "\(files)/\(name)")
    }
    let page = try fixture.report(.folder), stamp = try page.index.stamp
    #expect(page.folder == files && page.element("record-0") == nil)
    #expect(try page.index.files == "report_files")
    #expect(try page.record(0).chains[0].sequence == "AA" && page.record(1).chains[0].sequence == "A")
    #expect(
      try Set(fixture.names("/report_files"))
        == ["0-\(stamp).js", "1-\(stamp).js", "notes.js", "1-x.js", "2-deadbeef.js.bak"])
    // One file needs none of it, and what belongs to others stays.
    #expect(try fixture.report(.file).folder == nil)
    #expect(try fixture.names("/report_files") == ["1-x.js", "2-deadbeef.js.bak", "notes.js"])
    for name in ["1-x.js", "2-deadbeef.js.bak", "notes.js"] { unlink("\(files)/\(name)") }
    _ = try fixture.report(.folder)
    _ = try fixture.report(.file)
    #expect(try fixture.names() == ["report.html", "results"])
  }

  @Test func aReportThatCannotBeFinishedLeavesTheEarlierOne() throws {
    try summary(line("a", 1))
    try fixture.write("a.pdb", ResultsFixture.pdb([1]))
    _ = try fixture.report()
    try Folder.create(fixture.path + "/dir.html")
    let writer = try ReportWriter(of: fixture.results, to: fixture.path + "/dir.html", registry: TemporaryFiles())
    #expect(throws: ReportError.self) { try writer.write() }
    #expect(try fixture.names() == ["dir.html", "report.html", "results"])
  }

  @Test("A file that is no page is not replaced", arguments: ["HEADER    X\n", "<!DOCTYPE htm"])
  func otherFiles(_ text: String) throws {
    try summary(line("a", 1))
    try fixture.write("a.pdb", ResultsFixture.pdb([1]))
    try fixture.write("../report.html", text)
    #expect(throws: ReportError.self) { try fixture.report() }
    #expect(try String(decoding: WholeFile.read(fixture.path + "/report.html"), as: UTF8.self) == text)
    try fixture.write("../report.html", "<!DOCTYPE html>\n<p>old")
    #expect(try fixture.report().index.records.count == 1)
    try fixture.write("../report.html", "")
    #expect(try fixture.report().index.records.count == 1)
  }

  @Test func foldersWithoutResultsAreErrors() throws {
    try fixture.write("notes.txt", "")
    #expect(throws: ReportError.self) { try fixture.report() }
    #expect(throws: ReportError.self) {
      try ReportWriter(of: fixture.path + "/none", to: "x", registry: TemporaryFiles())
    }
  }

  @Test("Strips of long proteins have the classes of means", arguments: [0, 1, 48, 49, 1000])
  func strips(_ count: Int) {
    let residues = (0..<count).map { place in
      ListedResidue(chain: "A", number: place + 1, type: .unknown, plddt: place < count / 2 ? 40 : 95)
    }
    let strip = ReportIndex.strip(residues)
    #expect(strip.count == min(count, 48))
    #expect(count < 48 || (strip.hasPrefix(String(repeating: "0", count: 23)) && strip.hasSuffix("33333333")))
  }
}
