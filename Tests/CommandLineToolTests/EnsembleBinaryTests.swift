// Samples and recycling by the built program: files, tables, repetitions, and what is refused.

import Foundation
import TestSupport
import Testing

@Suite struct EnsembleBinaryTests {
  private let scratch: ScratchFolder
  private static let input = ">p first\nNLYIQWLKDGGPSSGRPPPS\n"

  init() throws { scratch = try ScratchFolder() }

  private func fold(
    _ options: [String], to name: String = "out", _ fasta: String = input, recycles: Int = 1
  ) throws -> Binary.Ran {
    try Binary.run(
      ["fold", "-", "-o", scratch.path + "/" + name, "--model", "demo", "-n", "\(recycles)"] + options,
      input: Data(fasta.utf8))
  }

  private func table(_ name: String) throws -> [[String]] {
    try scratch.text(name).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test("Each sample has its files, the tables their ranks and their spread") func samples() throws {
    let ran = try fold(["--samples", "4", "--seed", "3", "--plddt"])
    #expect(ran.status == 0, "\(ran.error)")
    let stems = ["p"] + (2...4).map { "p.sample_\($0)" }
    #expect(
      scratch.names("out")
        == (stems.flatMap { ["\($0).pdb", "\($0).plddt.tsv"] }
        + ["p.rmsf.tsv", "p.samples.tsv", "summary.tsv"]).sorted())
    #expect(try scratch.text("out/p.sample_2.pdb").contains("REMARK   6 SETTING: mask rate 0.15 seed 3 sample 2  "))
    let rows = try table("out/p.samples.tsv")
    #expect(
      rows[0] == ["rank", "sample", "name", "mean_plddt", "ptm", "iptm", "ranking", "rmsd", "request_sha256"])
    #expect(rows.dropFirst().map { $0[0] } == ["1", "2", "3", "4"])
    #expect(Set(rows.dropFirst().map { $0[2] }) == Set(stems))
    let scores = rows.dropFirst().compactMap { Double($0[6]) }
    #expect(scores.count == 4 && scores == scores.sorted(by: >))
    #expect(rows.dropFirst().allSatisfy { ($0[7] == "0.000") == ($0[1] == "1") && $0[5] == "NA" && $0[4] == $0[6] })
    for row in rows.dropFirst() {
      let text = try scratch.text("out/\(row[2]).pdb")
      #expect(text.contains("PTM: \(row[4]) ") && text.contains("REMARK   6 \(row[8])"))
    }
    let spread = try table("out/p.rmsf.tsv")
    #expect(spread[0] == ["residue", "letter", "rmsf"] && spread.count == 21)
    #expect(spread.dropFirst().map { $0[1] }.joined() == "NLYIQWLKDGGPSSGRPPPS")
    let values = spread.dropFirst().compactMap { Double($0[2]) }
    #expect(values.count == 20 && values.contains { $0 > 0.01 })
    let summary = try table("out/summary.tsv")
    #expect(
      summary[1][18...19] == ["4", rows[1][1]] && ran.error.contains("; best of 4 samples: \(rows[1][1]), pTM "))
  }

  @Test("Samples follow from the seed alone") func reproducible() throws {
    let names = ["p.pdb", "p.sample_2.pdb", "p.sample_3.pdb", "p.rmsf.tsv", "p.samples.tsv"]
    #expect(try fold(["--samples", "3", "--threads", "1", "--redraw-masks"]).status == 0)
    #expect(try fold(["--samples", "3", "--threads", "2", "--redraw-masks", "--seed", "0"], to: "two").status == 0)
    for name in names { #expect(try scratch.text("out/\(name)") == scratch.text("two/\(name)"), "\(name)") }
    // One mask for all passes gives another structure.
    #expect(try fold(["--samples", "2"], to: "kept").status == 0)
    let atoms = { (text: String) in text.split(separator: "\n").filter { $0.hasPrefix("ATOM") } }
    #expect(try atoms(scratch.text("kept/p.sample_2.pdb")) != atoms(scratch.text("out/p.sample_2.pdb")))
    // The first is the plain fold.
    #expect(try fold([], to: "plain").status == 0)
    #expect(try scratch.text("plain/p.pdb") == scratch.text("out/p.pdb"))
    #expect(try fold(["--samples", "3", "--seed", "1"], to: "other").status == 0)
    #expect(try scratch.text("other/p.sample_2.pdb") != scratch.text("out/p.sample_2.pdb"))
  }

  @Test("More samples are added, other ones are an error") func existing() throws {
    #expect(try fold(["--samples", "2"]).status == 0)
    let second = try scratch.text("out/p.sample_2.pdb")
    #expect(try fold(["--samples", "2"]).error.contains("skipped 1"))
    let more = try fold(["--samples", "3"])
    #expect(more.status == 0 && more.error.contains("folded 1"), "\(more.error)")
    #expect(try scratch.text("out/p.sample_2.pdb") == second && table("out/p.samples.tsv").count == 4)
    // Fewer, and none, are there.
    #expect(try fold(["--samples", "2"]).error.contains("skipped 1"))
    #expect(try fold([]).error.contains("skipped 1"))
    let other = try fold(["--samples", "3", "--mask-rate", "0.3"])
    #expect(other.status == 1, "\(other.error)")
    #expect(
      other.error.contains("mask rate 0.15 seed 0 sample 2, expected one with demo, 1 recycle, fp32, mask rate 0.3"))
    #expect(try fold(["--samples", "3", "--mask-rate", "0.3", "--overwrite"]).status == 0)
    let clash = try fold(["--samples", "2"], to: "clash", Self.input + ">p.sample_2\nMKV\n")
    #expect(
      clash.status == 1
        && clash.error.contains("name: found \"p.sample_2\", which is that of results of \"p\", too, expected another"))
    #expect(scratch.names("clash").contains("p.sample_2.pdb") && clash.error.contains("folded 1, skipped 0, failed 1"))
  }

  @Test("The structure of each pass is that of a fold with fewer recycles") func passes() throws {
    #expect(try fold(["--save-recycles", "--format", "pdb,cif"], recycles: 2).status == 0)
    #expect(
      scratch.names("out") == [
        "p.cif", "p.pdb", "p.recycle_0.cif", "p.recycle_0.pdb", "p.recycle_1.cif", "p.recycle_1.pdb", "summary.tsv",
      ])
    for pass in 0...1 {
      #expect(try fold([], to: "\(pass)", recycles: pass).status == 0)
      #expect(try scratch.text("out/p.recycle_\(pass).pdb") == scratch.text("\(pass)/p.pdb"))
    }
    #expect(try fold(["--save-recycles", "--format", "pdb,cif"], recycles: 2).error.contains("skipped 1"))
    // Nobody else pays for the confidence of passes.
    let heads = { (ran: Binary.Ran) in ran.error.split(separator: "\n").count { $0.contains("stage=heads") } }
    #expect(try heads(fold(["--verbose"], to: "plain", recycles: 2)) == 1)
    #expect(try heads(fold(["--verbose", "--save-recycles"], to: "saved", recycles: 2)) == 3)
    unlink(scratch.path + "/out/p.recycle_1.cif")
    #expect(try fold(["--save-recycles", "--format", "pdb,cif"], recycles: 2).error.contains("folded 1"))
  }

  @Test("A structure that does not move ends recycling") func tolerance() throws {
    let options = ["--recycle-tolerance", "1000", "--verbose", "--save-recycles"]
    let ran = try fold(options, recycles: 5)
    #expect(ran.status == 0 && ran.error.contains("recycling: pass=1 change="), "\(ran.error)")
    #expect(!ran.error.contains("recycling: pass=2"))
    let text = try scratch.text("out/p.pdb")
    #expect(text.contains("RECYCLES: 5 ") && text.contains("SETTING: recycle tolerance 1000.0 "))
    #expect(text.contains("PASSES: 2 ") && scratch.names("out").contains("p.recycle_0.pdb"))
    let summary = try table("out/summary.tsv")
    #expect(summary[1][5] == "5" && summary[1][17] == "2")
    #expect(try fold(options, recycles: 5).error.contains("skipped 1"))
    // Two passes are two passes.
    #expect(try fold([], to: "plain", recycles: 1).status == 0)
    let atoms = { (text: String) in text.split(separator: "\n").filter { $0.hasPrefix("ATOM") } }
    #expect(try atoms(text) == atoms(scratch.text("plain/p.pdb")))
    // 0 never ends it, so that it is the plain request.
    #expect(try fold(["--recycle-tolerance", "0"], to: "plain").error.contains("skipped 1"))
  }

  @Test(
    "Bad values are usage errors",
    arguments: [
      ["--samples", "0"], ["--samples", "101"], ["--samples", "many"], ["--mask-rate", "0"], ["--mask-rate", "1.1"],
      ["--mask-rate", "nan"], ["--mask-rate", "1e-1"], ["--mask-rate", "-0.1"], ["--seed", "x"], ["--seed", "-1"],
      ["--seed", "9223372036854775808"], ["--recycle-tolerance", "-1"], ["--recycle-tolerance", "1001"],
      ["--recycle-tolerance", "inf"],
    ])
  func badValues(_ words: [String]) throws {
    let ran = try fold(["--samples", "2"] + words)
    #expect(ran.status == 2 && ran.error.contains("\(words[0]): found \"\(words[1])\", expected "), "\(ran.error)")
  }

  @Test(
    "Options of samples without samples", arguments: [["--mask-rate", "0.1"], ["--seed", "1"], ["--redraw-masks"]])
  func contradictions(_ words: [String]) throws {
    let ran = try fold(words)
    #expect(
      ran.status == 2
        && ran.error.contains("\(words[0]): found a single sample, in which nothing is hidden, expected --samples 2"))
  }
}
