// Reports by the built program: `report`, `fold --report`, their files, messages and refusals.

import Foundation
import TestSupport
import Testing

@Suite struct ReportBinaryTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private var out: String { scratch.path + "/out" }

  private func fold(_ fasta: String, _ options: [String] = []) throws -> Binary.Ran {
    try Binary.run(["fold", "-", "-o", out, "--model", "demo", "-n", "0"] + options, input: Data(fasta.utf8))
  }

  private func names(_ folder: String) throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: folder))
  }

  @Test("A run ends with a report, which brings the files that it offers") func atTheEndOfARun() throws {
    let ran = try fold(">a first\nMKV\n>b:\nMK:GG\n", ["--report"])
    #expect(ran.status == 0, "\(ran.error)")
    #expect(ran.error.contains("report: \(out)/report.html, 2 proteins, "))
    let files = ["pdb", "cif", "pae.json"].flatMap { ["a.\($0)", "b_.\($0)"] }
    #expect(try names(out) == Set(files + ["summary.tsv", "report.html"]))
    // Again: nothing is folded, the report is made anew.
    try FileManager.default.removeItem(atPath: out + "/report.html")
    let again = try fold(">a first\nMKV\n>b:\nMK:GG\n", ["--report"])
    #expect(again.status == 0 && again.error.contains("folded 0, skipped 2"))
    #expect(try names(out).contains("report.html"))
  }

  @Test("Formats and errors that are asked for otherwise are not added") func choices() throws {
    #expect(try fold(">a\nMKV\n", ["--report", "--format", "cif", "--no-pae"]).status == 0)
    #expect(try names(out) == ["a.cif", "summary.tsv", "report.html"])
    let page = try scratch.text("out/report.html")
    #expect(page.contains("\"name\":\"a.cif\",\"kind\":\"cif\"") && page.contains(",\"pae\":null"))
  }

  @Test("Records that fail are in the report, and the run still fails") func failures() throws {
    let ran = try fold(">a\nMKV\n>dna\nACGTACGTACGTACGTACGTACGT\n", ["--report"])
    #expect(ran.status == 1)
    let page = try scratch.text("out/report.html")
    #expect(page.contains("\"name\":\"dna\"") && page.contains("found 24 nucleotides"))
  }

  @Test("A page elsewhere with a title, and the log as JSON") func elsewhere() throws {
    #expect(try fold(">a\nMKV\n").status == 0)
    let path = scratch.path + "/page.html"
    let ran = try Binary.run(["report", out, "-o", path, "--title", "A & <B>", "--log-format", "json"])
    #expect(ran.status == 0 && ran.output.isEmpty, "\(ran.error)")
    #expect(ran.error.contains("\"event\":\"report\"") && ran.error.contains("\"folded\":1,\"failed\":0"))
    #expect(try scratch.text("page.html").contains("<title>A &amp; &lt;B&gt;</title>"))
    #expect(try Binary.run(["report", out, "--layout", "folder", "-q"]).status == 0)
    #expect(try names(out + "/report_files").count == 1)
  }

  @Test(
    "What is wrong is said",
    arguments: [
      (["report"], 2, "expected the folder with results"),
      (["report", "a", "b"], 2, "expected one folder"),
      (["report", "a", "-o", "-"], 2, "--output"),
      (["report", "a", "--layout", "both"], 2, "auto, file or folder"),
      (["report", "/nowhere/at/all"], 1, "/nowhere/at/all: cannot open: No such file or directory"),
    ] as [([String], Int32, String)])
  func refusals(_ words: [String], _ status: Int32, _ message: String) throws {
    let ran = try Binary.run(words)
    #expect(ran.status == status && ran.error.contains(message), "\(ran.error)")
  }

  @Test("A folder without results is an error, and no page is left") func nothing() throws {
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    let ran = try Binary.run(["report", out])
    #expect(ran.status == 1 && ran.error.contains("found no results of fold, expected summary.tsv or structures"))
    #expect(try names(out).isEmpty)
  }
}
