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
}
