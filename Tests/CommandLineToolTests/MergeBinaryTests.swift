// `esmfold merge` by the built program: the results of shards, made by hand, against those of a single run.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct MergeBinaryTests: CachedRuns {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  /// Records of which two cannot be folded, in an order that is not that of their names.
  private static let records = [
    ">z last\nMKV\n", ">dna\nACGTACGTACGTACGTACGTACGT\n", ">b:\nMK:GG\n", ">a first\nMKVL\n", ">m\tx\\y\nMKWL\n",
    ">empty\n\n", ">c\nMKQL\n",
  ]
  /// Records of the shards of three.
  private static let shards = [[0, 3, 5], [1, 4], [2, 6]]

  private static func fasta(_ shard: Int?) -> String {
    (shard.map { shards[$0] } ?? Array(records.indices)).map { records[$0] }.joined()
  }

  private func fold(_ input: String, to folder: String, _ options: [String] = []) throws {
    let ran = try run(["fold", input, "-o", folder, "--model", "demo", "-n", "0"] + options)
    try #require(ran.status == 0 || ran.status == 1, "\(ran.error)")
  }

  private func move(_ from: String, _ to: String) throws {
    try FileManager.default.moveItem(atPath: path(from), toPath: path(to))
  }

  /// The lines of a summary without seconds and the time of their end, and with the input's name out of messages.
  private func lines(_ name: String) throws -> [[String]] {
    try scratch.text(name).split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count > 20 else { return fields }
      fields[4] = ""
      fields[20] = ""
      if let start = fields[9].firstRange(of: "record ") { fields[9] = String(fields[9][start.lowerBound...]) }
      return fields
    }
  }

  /// A single run in `whole`, and shards in the folders that `folder` gives.
  private func makeFolds(_ folder: (Int) -> String, whole: String = "whole") throws -> String {
    let all = try scratch.file("all.fasta", Self.fasta(nil))
    try fold(all, to: path(whole))
    for shard in 0..<3 {
      try fold(try scratch.file("part.fasta", Self.fasta(shard)), to: path(folder(shard)))
      try move("\(folder(shard))/summary.tsv", "\(folder(shard))/summary.\(shard + 1)-of-3.tsv")
    }
    return all
  }

  @Test("Summaries of shards in one folder become that of a single run") func summaries() throws {
    let all = try makeFolds { _ in "out" }
    let ran = try run(["merge", path("out"), "-i", all])
    #expect(ran.status == 0 && ran.error.contains("merged 7 records of 3 tables into \(path("out"))/summary.tsv"))
    #expect(try lines("out/summary.tsv") == lines("whole/summary.tsv"))
    let first = try bytes("out/summary.tsv")
    // Again, with the merged table among the inputs, and in another moment: the same bytes.
    #expect(try run(["merge", path("out"), "-i", all]).status == 0)
    #expect(try bytes("out/summary.tsv") == first)
    #expect(try run(["status", path("out"), "-i", all]).output.hasSuffix("finished 5, failed 2, missing 0, other 0\n"))
    // Without the input, the order of the names.
    try FileManager.default.removeItem(atPath: path("out/summary.tsv"))
    #expect(try run(["merge", path("out")]).status == 0)
    let names = try lines("out/summary.tsv").dropFirst().compactMap(\.first)
    #expect(names == ["a", "b_", "c", "dna", "empty", "m", "z", ""])
  }

  @Test("Folders of shards become one, with all files and the summary of a single run") func folders() throws {
    let all = try makeFolds { "part\($0)" }
    let parts = (0..<3).map { path("part\($0)") }
    _ = try scratch.file("part0/report.html", "page")
    _ = try scratch.file("part0/e.pdb", "")
    let ran = try run(["merge"] + parts + ["-o", path("all"), "-i", all])
    #expect(
      ran.status == 0 && ran.error.contains("merged 7 records of 3 folders into \(path("all")), 5 files"),
      "\(ran.error)")
    #expect(ran.error.contains("left out 1 files"))
    #expect(scratch.names("all") == scratch.names("whole"))
    for name in scratch.names("whole") where name != "summary.tsv" {
      #expect(try bytes("all/\(name)") == bytes("whole/\(name)"), "\(name)")
    }
    #expect(try lines("all/summary.tsv") == lines("whole/summary.tsv"))
    // Inputs are as they were, and what is there is not replaced.
    #expect(scratch.names("part0") == ["a.pdb", "e.pdb", "report.html", "summary.1-of-3.tsv", "z.pdb"])
    let again = try run(["merge"] + parts + ["-o", path("all")])
    #expect(again.status == 1 && again.error.contains("all: found a folder with files, expected none"))
    #expect(scratch.names().filter { $0.hasPrefix(".") }.isEmpty)
    // A run into the merged folder finds all of it.
    #expect(
      try run(["fold", all, "-o", path("all"), "--model", "demo", "-n", "0"]).error.contains("folded 0, skipped 5"))
  }

  @Test("What does not belong together is refused, and nothing is left", .serialized, arguments: 0..<7)
  func refusedFolders(_ number: Int) throws {
    let all = try makeFolds { "part\($0)" }
    let summary = try scratch.text("part0/summary.1-of-3.tsv")
    var words = ["merge"] + (0..<3).map { path("part\($0)") } + ["-o", path("all"), "-i", all]
    let message: String
    switch number {
    case 0:
      words.remove(at: 2)
      message = "all: shards: found none of 2-of-3, expected all"
    case 1:
      try fold(try scratch.file("x.fasta", ">a first\nMKVV\n"), to: path("part1"))
      try move("part1/summary.tsv", "part1/summary.4-of-4.tsv")
      words.append("--partial")
      message = "\"a.pdb\": found files that differ in \(path("part0"))/a.pdb and \(path("part1"))/a.pdb"
    case 2:
      _ = try scratch.file(
        "part0/summary.1-of-3.tsv",
        summary.replacing("\tfp32\t", with: "\tbf16\t").replacing("\tbf16\tdemo", with: "\tother\tdemo"))
      message = "expected demo, other, 0 recycles as in"
    case 3:
      try FileManager.default.removeItem(atPath: path("part0/a.pdb"))
      message = "part0/summary.1-of-3.tsv: \"a\": found a fold without its structure, expected a.pdb or a.cif"
    case 4:
      _ = try scratch.file("part0/summary.1-of-3.tsv", String(summary.dropLast(5)))
      message = "bytes of a line that is cut off"
    case 5:
      _ = try scratch.file("part0/summary.1-of-3.tsv", "name\tlength\na\t3\n")
      message = "found another table, expected the summary of a run"
    default:
      try FileManager.default.createSymbolicLink(atPath: path("part0/l.pdb"), withDestinationPath: "l.pdb")
      message = "part0/l.pdb: found something else than a file, expected a result"
    }
    let ran = try run(words)
    #expect(ran.status == 1 && ran.error.contains(message), "\(number): \(ran.error)")
    #expect(!FileManager.default.fileExists(atPath: path("all")))
    #expect(scratch.names().filter { $0.hasPrefix(".") }.isEmpty)
  }

  @Test("A fold takes the place of a failure, and the later of two failures counts") func repeated() throws {
    let all = try makeFolds { _ in "out" }
    let shard = try scratch.text("out/summary.1-of-3.tsv")
    let lines = shard.split(separator: "\n").map(String.init)
    let folded = try #require(lines.first { $0.hasPrefix("a\t") })
    var fields = folded.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    (fields[2], fields[8], fields[9]) = ("NA", "failed", "out of memory")
    let failure = fields.joined(separator: "\t")
    _ = try scratch.file("out/summary.tsv", "\(lines[0])\n\(failure)\n")
    #expect(try run(["merge", path("out"), "-i", all]).status == 0)
    #expect(try scratch.text("out/summary.tsv").contains("\n\(folded)\n"))
    // Of two failures the later one.
    (fields[9], fields[20]) = ("later", "2999-01-01T00:00:00Z")
    _ = try scratch.file("out/summary.tsv", "\(lines[0])\n\(fields.joined(separator: "\t"))\n")
    _ = try scratch.file("out/summary.1-of-3.tsv", shard.replacing(folded, with: failure))
    #expect(try run(["merge", path("out"), "-i", all]).status == 0)
    #expect(try scratch.text("out/summary.tsv").contains("\tlater\t"))
    // Two folds that differ.
    fields = folded.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    fields[2] = "1.00"
    _ = try scratch.file("out/summary.tsv", "\(lines[0])\n\(fields.joined(separator: "\t"))\n")
    _ = try scratch.file("out/summary.1-of-3.tsv", shard)
    let before = try bytes("out/summary.tsv")
    let differing = try run(["merge", path("out"), "-i", all])
    #expect(differing.status == 1 && differing.error.contains("\"a\": found folds that differ in mean_plddt in"))
    #expect(try bytes("out/summary.tsv") == before)
    // A record that the input does not have.
    _ = try scratch.file(
      "out/summary.tsv", "\(lines[0])\n\(failure.replacing("a\t", with: "k\t", maxReplacements: 1))\n")
    let surplus = try run(["merge", path("out"), "-i", all])
    #expect(surplus.status == 1 && surplus.error.contains("\"k\": found a record that the input does not have"))
  }

  // === Language models ===

  private static let proteins = [
    ">sp|Z|z last\nMKV\n", ">b,\"q\" x\nMKVLAAGIVG\n", ">a\nMKWLV\n", ">m\nMKVLAAGIVGLLMKV\n", ">c\nMKQLRR\n",
  ]
  private static let parts = [[0, 3], [1, 2, 4]]

  private func compute(_ words: [String], _ output: (String) -> String) throws -> String {
    let all = try scratch.file("all.fasta", Self.proteins.joined())
    let model = ["--model", Fixtures.path("family/esm2")]
    try #require(try run(words + [all, "-o", path(output("whole"))] + model).status == 0)
    for (number, part) in Self.parts.enumerated() {
      let file = try scratch.file("part.fasta", part.map { Self.proteins[$0] }.joined())
      let ran = try run(words + [file, "-o", path(output("out.\(number + 1)-of-2"))] + model)
      try #require(ran.status == 0, "\(ran.error)")
    }
    return all
  }

  @Test(
    "HDF5 files of shards become that of a single run, byte for byte",
    arguments: [
      ["embed", "--layers", "all", "--include", "contacts,logits"],
      ["embed", "--flat", "--pool", "mean", "--dtype", "float16"],
      ["contacts", "--format", "h5"], ["score", "--all"],
    ])
  func arrays(_ words: [String]) throws {
    let all = try compute(words) { $0 + ".h5" }
    let ran = try run(["merge", path("out.h5"), "-i", all])
    #expect(ran.status == 0, "\(ran.error)")
    #expect(try bytes("out.h5") == bytes("whole.h5"))
    let again = try run(["merge", path("out.1-of-2.h5"), path("out.2-of-2.h5"), "-o", path("out.h5")])
    #expect(again.status == 1 && again.error.contains("--overwrite replaces it"))
    // By name: the same records in another order.
    let shards = [path("out.2-of-2.h5"), path("out.1-of-2.h5")]
    #expect(try run(["merge"] + shards + ["-o", path("names.h5")]).status == 0)
    #expect(try run(["status", path("names.h5"), "-i", all]).status == 0)
    #expect(try run(["merge"] + shards.reversed() + ["-o", path("again.h5")]).status == 0)
    #expect(try bytes("names.h5") == bytes("again.h5") && bytes("names.h5") != bytes("whole.h5"))
    // A run with the same settings takes it for its own.
    let model = ["--model", Fixtures.path("family/esm2")]
    let continued = try run(words + [all, "-o", path("names.h5")] + model)
    #expect(continued.status == 0 && continued.error.contains("skipped 5"), "\(continued.error)")
    try FileManager.default.removeItem(atPath: path("out.1-of-2.h5"))
    let lacking = try run(["merge", path("out.2-of-2.h5"), "-o", path("part.h5")])
    #expect(lacking.status == 1 && lacking.error.contains("shards: found none of 1-of-2, expected all"))
  }

  @Test("HDF5 files with other settings, other results under one name, and cut ones are refused") func refusedArrays()
    throws
  {
    let all = try compute(["embed"]) { $0 + ".h5" }
    let model = ["--model", Fixtures.path("family/esm2")]
    let other = try scratch.file("o.fasta", ">sp|Z|z last\nMKVA\n")
    try #require(try run(["embed", other, "-o", path("x.h5")] + model).status == 0)
    let differing = try run(["merge", path("whole.h5"), path("x.h5"), "-o", path("y.h5")])
    #expect(
      differing.status == 1 && differing.error.contains("\"sp|Z|z\": found results that differ in"),
      "\(differing.error)")
    // The same results twice are no mistake.
    #expect(
      try run(["merge", path("whole.h5"), path("out.1-of-2.h5"), path("out.2-of-2.h5"), "-o", path("y.h5"), "-i", all])
        .status == 0)
    #expect(try bytes("y.h5") == bytes("whole.h5"))
    try #require(try run(["embed", other, "-o", path("p.h5"), "--pool", "mean"] + model).status == 0)
    let settings = try run(["merge", path("whole.h5"), path("p.h5"), "-o", path("q.h5")])
    #expect(settings.status == 1 && settings.error.contains(".h5: found results with {\"model\""), "\(settings.error)")
    _ = try scratch.file("cut.h5", try bytes("whole.h5").dropLast(100))
    let cut = try run(["merge", path("cut.h5"), "-o", path("q.h5")])
    #expect(cut.status == 1 && cut.error.contains("cut.h5"), "\(cut.error)")
    #expect(!scratch.names().contains("q.h5") && scratch.names().filter { $0.hasPrefix(".") }.isEmpty)
  }

  @Test(
    "Tables of shards become that of a single run, byte for byte",
    arguments: [
      (["score"], "tsv"), (["score", "--per-residue"], "csv"),
      (["contacts", "--min-probability", "0", "--min-separation", "2"], "tsv"),
      (["embed", "--format", "csv", "--pool", "mean"], "csv"), (["embed", "--format", "tsv", "--pool", "mean"], "tsv"),
    ])
  func tables(_ words: [String], _ ending: String) throws {
    let all = try compute(words) { "\($0).\(ending)" }
    let shards = ["2-of-2", "1-of-2"].map { path("out.\($0).\(ending)") }
    let ran = try run(["merge"] + shards + ["-o", path("all.\(ending)"), "-i", all])
    #expect(ran.status == 0, "\(ran.error)")
    #expect(try bytes("all.\(ending)") == bytes("whole.\(ending)"))
    _ = try scratch.file("out.1-of-2.\(ending)", try bytes("out.1-of-2.\(ending)").dropLast(3))
    let cut = try run(["merge"] + shards + ["-o", path("cut.\(ending)"), "-i", all])
    #expect(
      cut.status == 1 && cut.error.contains("of a line that is cut off") && !scratch.names().contains("cut.\(ending)"))
  }

  /// HDF5 has names of its own.
  private static let unnamed: [(words: [String], endings: [String])] = [
    (["score", "--model", Fixtures.path("family/esm2")], ["", ".txt"]),
    (["contacts", "--model", Fixtures.path("family/esm2")], ["", ".txt"]),
    (["embed", "--format", "csv", "--pool", "mean", "--model", Fixtures.path("family/esm2")], ["", ".txt"]),
    (["classify", "--format", "json", "--model", Fixtures.path("family/single-label")], ["", ".txt"]),
    (["embed", "--model", Fixtures.path("family/esm2")], [""]),
  ]

  /// The last of the shards has no record.
  @Test(
    "Tables and files with names that tell nothing are known by their beginning",
    arguments: unnamed.flatMap { job in job.endings.map { (job.words, $0) } })
  func withoutEnding(_ words: [String], _ ending: String) throws {
    let all = try scratch.file("all.fasta", Self.proteins.joined())
    try #require(try run(words + [all, "-o", path("whole\(ending)")]).status == 0)
    let count = Self.proteins.count + 1
    let shards = (1...count).map { path("out.\($0)-of-\(count)\(ending)") }
    for number in 1...count {
      try #require(try run(words + [all, "-o", path("out\(ending)"), "--shard", "\(number)/\(count)"]).status == 0)
    }
    let ran = try run(["merge"] + shards + ["-o", path("joined"), "-i", all])
    #expect(ran.status == 0, "\(ran.error)")
    #expect(try bytes("joined") == bytes("whole\(ending)"))
    let lacking = try run(["merge"] + shards.dropFirst() + ["-o", path("q")])
    #expect(lacking.status == 1 && lacking.error.contains("found none of 1-of-\(count), expected all"))
    #expect(!scratch.names().contains("q"))
  }

  @Test("A pipe is not read to know what it is") func pipes() throws {
    mkfifo(path("pipe"), 0o600)
    let ran = try run(["merge", path("pipe"), "-o", path("q")])
    #expect(ran.status == 1 && ran.error.contains("pipe: found another file, expected an HDF5"))
  }

  @Test("Lines of JSON of shards become those of a single run") func json() throws {
    let all = try scratch.file("all.fasta", Self.proteins.joined())
    let words = ["classify", "--format", "json", "--model", Fixtures.path("family/single-label")]
    try #require(try run(words + [all, "-o", path("whole.json")]).status == 0)
    for (number, part) in Self.parts.enumerated() {
      let file = try scratch.file("part.fasta", part.map { Self.proteins[$0] }.joined())
      try #require(try run(words + [file, "-o", path("out.\(number + 1)-of-2.json")]).status == 0)
    }
    #expect(try run(["merge", path("out.json"), "-i", all]).status == 0)
    #expect(try bytes("out.json") == bytes("whole.json"))
  }

  @Test("NumPy files of shards in one folder, and in folders of their own") func numpy() throws {
    let words = ["embed", "--format", "npy"]
    let all = try compute(words) { $0 }
    // Folders of their own.
    for shard in 1...2 { try move("out.\(shard)-of-2/index.tsv", "out.\(shard)-of-2/index.\(shard)-of-2.tsv") }
    let shards = [path("out.1-of-2"), path("out.2-of-2")]
    let ran = try run(["merge"] + shards + ["-o", path("all"), "-i", all])
    #expect(ran.status == 0, "\(ran.error)")
    #expect(scratch.names("all") == scratch.names("whole"))
    for name in scratch.names("whole") { #expect(try bytes("all/\(name)") == bytes("whole/\(name)"), "\(name)") }
    // One folder.
    for name in scratch.names("out.2-of-2") where name != "settings.json" {
      try move("out.2-of-2/\(name)", "out.1-of-2/\(name)")
    }
    #expect(try run(["merge", shards[0], "-i", all]).status == 0)
    #expect(try bytes("out.1-of-2/index.tsv") == bytes("whole/index.tsv"))
    // An index that leads out of the folder.
    let index = try scratch.text("out.1-of-2/index.1-of-2.tsv")
    _ = try scratch.file("out.1-of-2/index.1-of-2.tsv", index.replacing("\tm.npy\t", with: "\t../whole/m.npy\t"))
    try FileManager.default.removeItem(atPath: path("out.1-of-2/index.tsv"))
    let hostile = try run(["merge", shards[0], "-o", path("new")])
    #expect(
      hostile.status == 1 && hostile.error.contains("\"m\": found an array without its file, expected ../whole/m.npy"))
    #expect(!scratch.names().contains("new"))
  }

  @Test("An interrupted merge of folders leaves nothing under its name, and the next one removes what a kill has left")
  func killed() throws {
    _ = try makeFolds { "part\($0)" }
    let left = path(".all.part-0123456789abcdef")
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
    _ = try scratch.file(".all.part-0123456789abcdef/a.pdb", "x")
    try FileManager.default.createDirectory(
      atPath: path(".alle.part-0123456789abcdef"), withIntermediateDirectories: true)
    let ran = try run(["merge"] + (0..<3).map { path("part\($0)") } + ["-o", path("all")])
    #expect(ran.status == 0, "\(ran.error)")
    #expect(scratch.names().filter { $0.hasPrefix(".") } == [".alle.part-0123456789abcdef"])
  }

  @Test(
    "Command lines that are refused",
    arguments: [
      (["merge"], 2, "expected folders or files"), (["merge", "IN"], 2, "--output FILE|DIR is missing"),
      (["merge", "DIR", "IN", "-o", "x"], 2, "found folders and files together"),
      (["merge", "DIR", "DIR"], 2, "--output FILE|DIR is missing"),
      (["merge", "DIR"], 1, "expected summary.1-of-N.tsv or index.1-of-N.tsv"),
      (["merge", "DIR/none.h5"], 1, "none.h5: cannot open"),
      (["merge", "IN", "-o", "IN"], 1, "the output is also an input"),
      (["merge", "DIR", "-o", "DIR/x"], 1, "a folder of results has one of them"),
      (["merge", "IN", "-o", "-"], 2, "a file or a folder"),
      (["merge", "IN", "-o", "DIR/x.tsv"], 1, "a.fasta: found another file, expected an HDF5 file, or a table"),
    ] as [([String], Int32, String)])
  func refusals(_ words: [String], _ expected: Int32, _ message: String) throws {
    try FileManager.default.createDirectory(atPath: path("d"), withIntermediateDirectories: true)
    let input = try scratch.file("a.fasta", ">a\nMKV\n")
    let ran = try run(words.map { $0.replacing("DIR", with: path("d")).replacing("IN", with: input) })
    #expect(ran.status == expected && ran.error.contains(message), "\(ran.error)")
  }
}
