// `esmfold fold` as a program: good input, resumed runs, names, formats of input.

import Foundation
import Testing

@Suite(.timeLimit(minutes: 20)) struct FoldBinaryTests {
  private let scratch: ScratchFolder
  private var out: String { scratch.path + "/out" }

  init() throws {
    scratch = try ScratchFolder()
  }

  @Test func writesStructuresAndSummary() throws {
    let ran = try Binary.fold([try scratch.file("a.fasta", shortFasta)], to: out)
    #expect(ran.status == 0)
    #expect(ran.output.isEmpty)
    #expect(ran.error.contains(demoNotice))
    #expect(ran.error.contains("p1: length 21, mean pLDDT "))
    #expect(ran.error.contains("folded 2, skipped 0, failed 0"))
    #expect(!ran.error.contains("\u{1B}"))
    #expect(scratch.names("out") == ["p1.pdb", "p2.pdb", "summary.tsv"])
    let pdb = try scratch.text("out/p1.pdb")
    #expect(pdb.contains("ATOM "))
    #expect(pdb.hasSuffix("END\n") || pdb.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix("END"))
    let rows = summaryRows(try scratch.text("out/summary.tsv"))
    #expect(rows.map { $0[0] } == ["p1", "p2"])
    #expect(rows.map { $0[1] } == ["21", "20"])
    #expect(rows.allSatisfy { $0.count == 22 && $0[8] == "ok" && $0[6] == "fp32" })
    #expect(rows.map { $0[10] } == ["p1 first", "p2 second"])
  }

  @Test func unknownInstructionSet() throws {
    let file = try scratch.file("a.fasta", ">one\nM\n")
    for words in [["info"], ["fold", file, "-o", out, "--model", "demo"]] {
      let ran = try Binary.run(words, environment: ["ESMFOLD_ISA": "nonsense"])
      #expect(ran.status == 0)
      #expect(ran.error.contains("warning: ESMFOLD_ISA: found \"nonsense\", expected one of "))
    }
  }

  @Test func oneResidue() throws {
    let ran = try Binary.fold([try scratch.file("a.fasta", ">one\nM\n")], to: out)
    #expect(ran.status == 0)
    #expect(try scratch.text("out/one.pdb").contains(" CA  MET A   1"))
  }

  @Test func resumedRunSkipsCompleteResults() throws {
    let file = try scratch.file("a.fasta", shortFasta)
    #expect(try Binary.fold([file], to: out).status == 0)
    let kept = try identity("p1.pdb")
    try FileManager.default.removeItem(atPath: out + "/p2.pdb")
    _ = try scratch.file("out/.p2.pdb.part-1", "left over")

    let second = try Binary.fold([file], to: out)
    #expect(second.status == 0)
    #expect(second.error.contains("folded 1, skipped 1, failed 0"))
    #expect(second.error.contains(demoNotice))
    #expect(try identity("p1.pdb") == kept)
    #expect(summaryRows(try scratch.text("out/summary.tsv")).map { $0[0] } == ["p1", "p2"])

    // A structure is not complete if its tensors are now requested.
    let third = try Binary.fold([file], to: out, ["--save-tensors"])
    #expect(third.error.contains("folded 2, skipped 0"))
    #expect(try Binary.fold([file], to: out, ["--save-tensors"]).error.contains("folded 0, skipped 2"))
  }

  @Test func overwriteFoldsAgain() throws {
    let file = try scratch.file("a.fasta", shortFasta)
    #expect(try Binary.fold([file], to: out).status == 0)
    let before = try identity("p1.pdb")
    let content = try scratch.text("out/p1.pdb")
    let again = try Binary.fold([file], to: out, ["--overwrite"])
    #expect(again.error.contains("folded 2, skipped 0, failed 0"))
    #expect(try identity("p1.pdb") != before)
    #expect(try scratch.text("out/p1.pdb") == content)
  }

  /// Changes whenever the file is rewritten.
  private func identity(_ name: String) throws -> String {
    let attributes = try FileManager.default.attributesOfItem(atPath: out + "/" + name)
    return "\(attributes[.systemFileNumber] ?? 0) \(attributes[.modificationDate] ?? 0)"
  }

  @Test(arguments: [[], ["-"], ["--fasta", "-"]])
  func standardInput(_ files: [String]) throws {
    let ran = try Binary.fold(files, to: out, input: Data(shortFasta.utf8))
    #expect(ran.status == 0)
    #expect(scratch.names("out") == ["p1.pdb", "p2.pdb", "summary.tsv"])
  }

  @Test func compressedInput() throws {
    let file = try scratch.file("a.fasta.gz", Compressed.first + Compressed.second)
    #expect(try Binary.fold([file], to: out).status == 0)
    #expect(try Binary.fold(["-"], to: scratch.path + "/piped", input: Compressed.first).status == 0)
    #expect(scratch.names("out") == ["a.pdb", "b.pdb", "summary.tsv"])
    #expect(scratch.names("piped") == ["a.pdb", "summary.tsv"])
  }

  @Test func duplicateAndAwkwardNames() throws {
    let first = try scratch.file("a.fasta", ">p\nMKV\n>p again\nMKV\n>sp|P1/2|X name\nMKV\n")
    let second = try scratch.file("b.fasta", ">p\nMKV\n>../../etc/passwd\nMKV\n>\nMKV\n")
    #expect(try Binary.fold([first, second], to: out).status == 0)
    let names = scratch.names("out")
    #expect(Set(names).isSuperset(of: ["p.pdb", "p_2.pdb", "p_3.pdb", "sp_P1_2_X.pdb", "summary.tsv"]))
    #expect(names.count == 7)
  }

  @Test func commandLineOfEsmFold() throws {
    let file = try scratch.file("a.fasta", shortFasta)
    let ran = try Binary.run(
      [
        "fold", "-i", file, "-o", out, "--num-recycles", "0", "--max-tokens-per-batch", "1024", "--chunk-size", "64",
        "--cpu-only", "--cpu-offload", "--verbose",
      ], environment: ["ESMFOLD_MODEL": "demo"])
    #expect(ran.status == 0)
    #expect(ran.error.split(separator: "\n").count { $0.contains("has no meaning here") } == 4)
    #expect(summaryRows(try scratch.text("out/summary.tsv")).map { $0[5] } == ["0", "0"])
  }

  @Test func verboseGivesTimings() throws {
    let ran = try Binary.fold([try scratch.file("a.fasta", shortFasta)], to: out, ["-v"])
    for stage in ["language-model", "trunk", "structure", "heads"] {
      #expect(ran.error.contains(try Regex("timing: stage=\(stage) pass=[0-9]+ seconds=[0-9]+\\.[0-9]+ name=p1\n")))
    }
  }

  @Test func quietStillSaysWhatTheDemoModelIs() throws {
    let ran = try Binary.fold([try scratch.file("a.fasta", shortFasta)], to: out, ["-q"])
    #expect(ran.status == 0)
    #expect(ran.error.contains(demoNotice))
    #expect(ran.error.split(separator: "\n").allSatisfy { !$0.contains("pLDDT 9") && !$0.contains("folded") })
  }

  @Test func jsonLog() throws {
    let file = try scratch.file("a.fasta", shortFasta + ">bad\n")
    let ran = try Binary.fold([file], to: out, ["--log-format", "json", "--verbose"])
    #expect(ran.status == 1)
    let events = try ran.error.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    #expect(events.filter { $0["event"] as? String == "folded" }.map { $0["name"] as? String } == ["p1", "p2"])
    #expect(events.contains { $0["level"] as? String == "error" })
    #expect(events.last?["failed"] as? Int == 1)
  }
}
