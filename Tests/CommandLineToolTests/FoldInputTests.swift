// Which sequence goes to which file: several inputs, colliding names, compressed members, what counts as finished.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct FoldInputTests {
  private let scratch: ScratchFolder
  private var out: String { scratch.path + "/out" }

  init() throws {
    scratch = try ScratchFolder()
  }

  private static let letters = [
    "ALA": "A", "CYS": "C", "GLY": "G", "ILE": "I", "LYS": "K", "LEU": "L", "MET": "M", "VAL": "V", "TRP": "W",
    "GLN": "Q", "GLU": "E",
  ]

  /// The sequence of a structure.
  private func sequence(_ name: String) throws -> String {
    try PDBReader(Data(contentsOf: URL(fileURLWithPath: "\(out)/\(name).pdb"))).alphaCarbons
      .map { Self.letters[$0.residueName] ?? "?" }.joined()
  }

  private func names() throws -> [String] { summaryRows(try scratch.text("out/summary.tsv")).map { $0[0] } }

  @Test("Files are read in order, and every record goes to the file of its name") func severalFiles() throws {
    let first = try scratch.file("a.fasta", ">p\nMKV\n>p again\nMKVA\n>q/1\nMKVC\n>\nMKVE\n")
    let second = try scratch.file("b.fasta", ">p\nMKVG\n>../../etc/passwd\nMKVI\n>q_1\nMKVK\n")
    let third = try scratch.file("c.fasta", "mkvl\n>p_2\nMKVQ\n>summary.tsv\nMKVW\n>-n\nMKVV\n")
    let ran = try Binary.fold(
      [second, "-", "-i", first], to: out, input: try Data(contentsOf: URL(fileURLWithPath: third)))
    #expect(ran.status == 0, "\(ran.error)")
    let found = try names()
    // A name depends on the records before it alone.
    #expect(
      found == [
        "p", "p_2", "q_1", "sequence_4", "p_3", "_._.._etc_passwd", "q_1_2", "sequence_1", "p_2_2", "summary.tsv", "_n",
      ])
    #expect(scratch.names("out").count == 12 && scratch.names() == ["a.fasta", "b.fasta", "c.fasta", "out"])
    // In the order of the input, whose sequences are all different.
    let expected = ["MKV", "MKVA", "MKVC", "MKVE", "MKVG", "MKVI", "MKVK", "MKVL", "MKVQ", "MKVW", "MKVV"]
    #expect(try found.map(sequence) == expected)
    #expect(summaryRows(try scratch.text("out/summary.tsv")).map { $0[1] } == expected.map { "\($0.count)" })
  }

  @Test("Every member of a compressed file is read, from a file and from standard input", arguments: [false, true])
  func members(_ isPiped: Bool) throws {
    let content = Compressed.first + Compressed.second
    let ran = try Binary.fold(
      [isPiped ? "-" : try scratch.file("a", content)], to: out, input: isPiped ? content : nil)
    #expect(ran.status == 0, "\(ran.error)")
    #expect(try names() == ["a", "b"])
    #expect(try sequence("a") == "MKVLAAGIVG" && sequence("b") == "GIVEQCC")
    let ids = try Binary.run(["tokenize", isPiped ? "-" : scratch.path + "/a"], input: isPiped ? content : nil)
    #expect(ids.output.split(separator: "\n").map { $0.prefix(2) } == ["a\t", "b\t"])
  }

  @Test("A pipe may deliver its input one byte at a time") func slowPipe() throws {
    let process = try Binary.Started(["fold", "-", "-o", out, "--model", "demo"], keepsInputOpen: true)
    for byte in Compressed.first {
      process.process.write([byte])
      process.wait { process.process.unreadInput == 0 }
    }
    process.process.closeInput()
    #expect(process.ended().status == 0)
    #expect(try sequence("a") == "MKVLAAGIVG")
  }

  @Test(
    "An empty file, or something that is not a file, is not a finished result",
    arguments: ["empty", "folder", "no tensors", "empty tensors"])
  func unfinished(_ kind: String) throws {
    let file = try scratch.file("a.fasta", ">p\nMKVLAAGIVG\n"),
      options = kind.hasSuffix("tensors") ? ["--save-tensors"] : []
    #expect(try Binary.fold([file], to: out, options).status == 0)
    let whole = try scratch.text("out/p.pdb"), files = scratch.names("out")
    switch kind {
    case "empty": _ = try scratch.file("out/p.pdb", "")
    case "no tensors": try FileManager.default.removeItem(atPath: out + "/p.tensors.h5")
    case "empty tensors": _ = try scratch.file("out/p.tensors.h5", "")
    default:
      try FileManager.default.removeItem(atPath: out + "/p.pdb")
      try FileManager.default.createDirectory(atPath: out + "/p.pdb", withIntermediateDirectories: false)
      let ran = try Binary.fold([file], to: out)
      #expect(ran.status == 1 && ran.error.contains("p.pdb: found another file, expected none, or results"))
      #expect(ran.error.contains("folded 0, skipped 0, failed 1"))
      #expect(scratch.names("out") == files)
      return
    }
    let ran = try Binary.fold([file], to: out, options)
    #expect(ran.status == 0 && ran.error.contains("folded 1, skipped 0, failed 0"), "\(ran.error)")
    #expect(try scratch.text("out/p.pdb") == whole)
    #expect(scratch.names("out") == files)
    let again = try Binary.fold([file], to: out, options)
    #expect(again.status == 0 && again.error.contains("folded 0, skipped 1, failed 0"))
  }

  @Test("A structure never exists without its tensors") func order() throws {
    let file = try scratch.file("a.fasta", ">p\nMKVLAAGIVG\n")
    try FileManager.default.createDirectory(atPath: out + "/p.tensors.h5", withIntermediateDirectories: true)
    let ran = try Binary.fold([file], to: out, ["--save-tensors"])
    #expect(ran.status == 1 && ran.error.contains("p.tensors.h5: found another file, expected none, or results"))
    #expect(scratch.names("out") == ["p.tensors.h5", "summary.tsv"])
    // Where it is to be replaced, it cannot be.
    let replaced = try Binary.fold([file], to: out, ["--save-tensors", "--overwrite"])
    #expect(
      replaced.status == 1 && replaced.error.contains("p.tensors.h5: cannot rename the finished file: Is a directory"))
    #expect(scratch.names("out") == ["p.tensors.h5", "summary.tsv"])
    #expect(summaryRows(try scratch.text("out/summary.tsv")).map { $0[8] } == ["failed"])
  }

  @Test("--overwrite replaces existing results, --no-overwrite cancels it") func overwrite() throws {
    let file = try scratch.file("a.fasta", ">p\nMKVLAAGIVG\n")
    #expect(try Binary.fold([file], to: out).status == 0)
    _ = try scratch.file("out/p.pdb", "something else")
    let kept = try Binary.fold([file], to: out, ["--overwrite", "--no-overwrite"])
    #expect(kept.status == 1 && kept.error.contains("p.pdb: found another file, expected none, or results"))
    #expect(try scratch.text("out/p.pdb") == "something else")
    #expect(try Binary.fold([file], to: out, ["--overwrite"]).error.contains("folded 1, skipped 0"))
    #expect(try sequence("p") == "MKVLAAGIVG")
  }

  @Test("Recycles are the extra passes") func recycles() throws {
    let file = try scratch.file("a.fasta", ">p\nMKVLAAGIVG\n")
    func passes(_ options: [String]) throws -> Int {
      let ran = try Binary.fold([file], to: out, ["--overwrite", "--verbose"] + options)
      return ran.error.split(separator: "\n").count { $0.hasPrefix("timing: stage=trunk") }
    }
    for (options, recycles) in [(["-n0"], 0), (["--recycles", "2"], 2), ([], 3)] {
      #expect(try passes(options) == recycles + 1)
      #expect(summaryRows(try scratch.text("out/summary.tsv")).last?[5] == "\(recycles)")
    }
  }
}
