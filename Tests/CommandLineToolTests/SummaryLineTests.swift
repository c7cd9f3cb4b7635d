// Lines of a summary that are lost while the results are there.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct SummaryLineTests {
  private let scratch: ScratchFolder
  private let input: String

  init() throws {
    scratch = try ScratchFolder()
    input = try scratch.file("in.fasta", ">a\nMKV\n>b\nMKTV\n>c\nMK\n")
  }

  private func fold(_ options: [String] = []) throws -> Binary.Ran {
    let ran = try Binary.run(
      ["fold", input, "-o", scratch.path + "/out", "--model", "demo", "-n", "0"] + options)
    #expect(ran.status == 0, "\(ran.error)")
    return ran
  }

  private func names(_ summary: String) throws -> [Substring] {
    try scratch.text("out/\(summary)").split(separator: "\n").map { $0.prefix { $0 != "\t" } }
  }

  @Test("The record whose line was cut off is folded again", arguments: ["summary.tsv", "summary.1-of-1.tsv"])
  func cut(_ summary: String) throws {
    let shard = summary == "summary.tsv" ? [] : ["--shard", "1/1"]
    _ = try fold(shard)
    let text = try scratch.text("out/\(summary)")
    #expect(try names(summary) == ["name", "a", "b", "c"])
    _ = try scratch.file("out/\(summary)", String(text.dropLast(5)))
    let ran = try fold(shard)
    #expect(ran.error.contains("folded 1, skipped 2, failed 0"), "\(ran.error)")
    #expect(ran.error.contains("warning: c: found its line of the summary cut off"), "\(ran.error)")
    #expect(try names(summary) == ["name", "a", "b", "c"])
    #expect(try !fold(shard).error.contains("warning"))
  }

  @Test("A line that is gone is missed, once no summary of the folder has it") func gone() throws {
    #expect(try !fold().error.contains("warning"))
    let lines = try scratch.text("out/summary.tsv").split(separator: "\n").map { "\($0)\n" }
    _ = try scratch.file("out/summary.tsv", lines[0] + lines[1] + lines[3])
    let one = try fold()
    #expect(one.error.contains("skipped 3"), "\(one.error)")
    #expect(
      one.error.contains("warning: summary: found no line of 1 protein with results (\"b\"), expected one of each"),
      "\(one.error)")
    // In that of a shard.
    _ = try scratch.file("out/summary.2-of-3.tsv", lines[0] + lines[2])
    #expect(try !fold().error.contains("warning"))
    for name in ["summary.tsv", "summary.2-of-3.tsv"] {
      try FileManager.default.removeItem(atPath: "\(scratch.path)/out/\(name)")
    }
    #expect(try fold().error.contains("found no line of 3 proteins with results (\"a\" and so on)"))
    // As the hint says.
    try FileManager.default.removeItem(atPath: scratch.path + "/out/b.pdb")
    #expect(try fold().error.contains("folded 1, skipped 2, failed 0"))
    #expect(try names("summary.tsv") == ["name", "b"])
  }

  /// Shards are joined by their lines, so what has none would never be in the whole.
  @Test("A record of a shard whose line is gone is missing, and is folded again", arguments: [["--shard", "2/2"], []])
  func goneInShard(_ options: [String]) throws {
    func esmfold(_ words: String...) throws -> Binary.Ran { try Binary.run(words) }
    let out = scratch.path + "/out"
    for shard in ["1/2", "2/2"] { _ = try fold(["--shard", shard]) }
    let table = "summary.2-of-2.tsv", lines = try scratch.text("out/\(table)").split(separator: "\n")
    let lost = try names(table).dropFirst().map { String($0) }
    try #require(!lost.isEmpty)
    let structure = try Data(contentsOf: URL(fileURLWithPath: "\(out)/\(lost[0]).pdb"))
    _ = try scratch.file("out/\(table)", lines[0] + "\n")

    let status = try esmfold("status", out, "-i", input)
    #expect(status.status == 1 && status.output.contains("missing\t\(lost[0])"), "\(status.output)")
    let merged = try esmfold("merge", out, "-i", input, "-o", scratch.path + "/early")
    #expect(merged.status == 1 && merged.error.contains("found \(lost.count) record"), "\(merged.error)")
    // The other shard has lost nothing.
    #expect(try fold(["--shard", "1/2"]).error.contains("folded 0"))
    let ran = try fold(options)
    #expect(ran.error.contains("found no line of \(lost.count) protein"), "\(ran.error)")
    #expect(ran.error.contains("folded \(lost.count), skipped \(options.isEmpty ? 3 - lost.count : 0)"), "\(ran.error)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(out)/\(lost[0]).pdb")) == structure)
    #expect(try esmfold("status", out, "-i", input).status == 0)
    let whole = try esmfold("merge", out, "-i", input, "-o", scratch.path + "/whole")
    #expect(whole.status == 0 && whole.error.contains("merged 3 records of 1 folder into"), "\(whole.error)")
  }
}
