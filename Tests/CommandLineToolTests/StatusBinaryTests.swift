// `esmfold status` by the built program: what is finished, failed, missing or of another sequence, and FASTA of the rest.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct StatusBinaryTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private var out: String { scratch.path + "/out" }

  private static let fasta = ">a first\nMKV\n>b:\nMK:GG\n>dna\nACGTACGTACGTACGTACGTACGT\n>a again\nMKVL\n>c\nmkvu*\n"

  private func fold(_ fasta: String, _ options: [String] = [], to folder: String? = nil) throws -> Binary.Ran {
    try Binary.run(
      ["fold", "-", "-o", folder ?? out, "--model", "demo", "-n", "0"] + options, input: Data(fasta.utf8))
  }

  private func status(_ places: [String], _ fasta: String, _ options: [String] = []) throws -> Binary.Ran {
    try Binary.run(["status"] + places + ["-i", try scratch.file("in.fasta", fasta)] + options)
  }

  private func move(_ from: String, _ to: String) throws {
    try FileManager.default.moveItem(atPath: from, toPath: to)
  }

  @Test("Each record is finished, failed with its reason, missing or other") func states() throws {
    #expect(try fold(Self.fasta).status == 1)
    let reason =
      "\(scratch.path)/in.fasta:5: record \"dna\": sequence: found 24 nucleotides (all A, C, G, T, U, N), "
      + "expected amino acids"
    let whole = try status([out], Self.fasta)
    #expect(whole.status == 1)
    // The summary's reason, of the run that read standard input.
    let told = reason.replacingOccurrences(of: "\(scratch.path)/in.fasta", with: "standard input")
    #expect(
      whole.output == "failed\tdna\t\(told)\nrecords 5: finished 4, failed 1, missing 0, other 0\n", "\(whole.output)")
    // Without the bad record everything is there, and the status is 0.
    let good = Self.fasta.replacingOccurrences(of: ">dna\nACGTACGTACGTACGTACGTACGT\n", with: "")
    let done = try status([out], good)
    #expect(done.status == 0 && done.output == "records 4: finished 4, failed 0, missing 0, other 0\n")
    // An empty file is none, and so is one that is gone.
    try Data().write(to: URL(fileURLWithPath: out + "/a.pdb"))
    try FileManager.default.removeItem(atPath: out + "/c.pdb")
    let part = try status([out], good)
    #expect(part.status == 1)
    #expect(part.output == "missing\ta\nmissing\tc\nrecords 4: finished 2, failed 0, missing 2, other 0\n")
  }

  @Test("A structure of another sequence is found by the summary, or by its head") func others() throws {
    #expect(try fold(">a one\nMKV\n>b\nMKVL\n").status == 0)
    // The same length under the same name: only the header tells, and the file decides.
    let changed = try status([out], ">a two\nMKW\n>b\nMKVL\n")
    #expect(changed.output.hasPrefix("other\ta\t\(out)/a.pdb: found the fold of another sequence"), "\(changed.output)")
    // Another header of the same sequence is no other fold.
    #expect(try status([out], ">a three\nMKV\n>b\nMKVL\n").status == 0)
    // A file that was put there: the summary cannot know.
    try FileManager.default.removeItem(atPath: out + "/b.pdb")
    try FileManager.default.copyItem(atPath: out + "/a.pdb", toPath: out + "/b.pdb")
    let input = ">a one\nMKV\n>b\nMKVL\n"
    #expect(try status([out], input).status == 0)
    let verified = try status([out], input, ["--verify"])
    #expect(verified.status == 1 && verified.output.hasPrefix("other\tb\t\(out)/b.pdb: found the fold"))
    // A file of someone else, without a summary.
    try FileManager.default.removeItem(atPath: out + "/summary.tsv")
    try Data("HELLO\n".utf8).write(to: URL(fileURLWithPath: out + "/b.pdb"))
    let foreign = try status([out], input)
    #expect(foreign.output.contains("other\tb\t\(out)/b.pdb: found another file"), "\(foreign.output)")
    #expect(foreign.output.contains("finished 1, failed 0, missing 0, other 1"))
  }

  @Test("Complexes, copies, mmCIF and letters outside the twenty are known by their digests") func requests() throws {
    let fasta = ">a\nMKV:GG\n>b\nMKUV\n"
    let options = ["--format", "cif", "--copies", "2", "--nonstandard", "nearest", "--chain-linker", "5"]
    #expect(try fold(fasta, options).status == 0)
    let asked = ["--copies", "2", "--nonstandard", "nearest", "--verify"]
    #expect(try status([out], fasta, asked).status == 0)
    #expect(try status([out], fasta, ["--copies", "2", "--verify"]).output.contains("other\tb\t"))
    #expect(try status([out], fasta, ["--verify"]).output.contains("other 2"))
    // A linker too long for a line of the PDB file: the file does not tell, and is believed.
    let long = ["--chain-linker", String(repeating: "GS", count: 50), "--format", "pdb,cif"]
    let folder = scratch.path + "/long"
    #expect(try fold(">a\nMKV:GG\n", long, to: folder).status == 0)
    #expect(try status([folder], ">a\nMKV:GG\n", ["--verify"]).status == 0)
    #expect(try status([folder], ">a\nMKV:GA\n", ["--verify"]).output.contains("other\ta\t\(folder)/a.cif"))
  }

  @Test("--require asks for further files") func required() throws {
    #expect(try fold(">a\nMKV\n", ["--pae"]).status == 0)
    #expect(try status([out], ">a\nMKV\n", ["--require", "pdb,pae"]).status == 0)
    #expect(try status([out], ">a\nMKV\n", ["--require", "pdb,cif"]).output.hasPrefix("missing\ta\n"))
  }

  @Test("--missing prints the rest so that names stay, and nothing else") func rest() throws {
    let fasta = ">x/1 head  er\nMKV\n>x/1\nMKVL\n>b\nMK:GG\n>x_1_2\nMKL\n>dna\nACGTACGTACGTACGTACGTACGT\n"
    #expect(try fold(fasta).status == 1)
    let all = ["x_1", "x_1_2", "b", "x_1_2_2"]
    #expect(
      Set(try FileManager.default.contentsOfDirectory(atPath: out)) == Set(all.map { $0 + ".pdb" } + ["summary.tsv"]))
    for name in ["x_1_2", "b"] { try FileManager.default.removeItem(atPath: "\(out)/\(name).pdb") }
    let ran = try status([out], fasta, ["--missing"])
    #expect(ran.status == 1)
    // The first `x/1` is finished, but makes the second one the second.
    #expect(ran.output == ">x/1 head  er\nMKV\n>x/1\nMKVL\n>b\nMK:GG\n", "\(ran.output)")
    #expect(ran.error.contains("records 5, finished 2, failed 1, missing 2, other 0"))
    #expect(try fold(ran.output).error.contains("folded 2, skipped 1, failed 0"))
    #expect(try status([out], fasta).output.hasSuffix("finished 4, failed 1, missing 0, other 0\n"))
    // The third name needs both before it.
    try FileManager.default.removeItem(atPath: out + "/x_1_2_2.pdb")
    let third = try status([out], fasta, ["--missing"])
    #expect(third.output == ">x/1 head  er\nMKV\n>x/1\nMKVL\n>x_1_2\nMKL\n", "\(third.output)")
    #expect(try fold(third.output).error.contains("folded 1, skipped "), "\(third.output)")
    // From standard input, which is read once.
    try FileManager.default.removeItem(atPath: out + "/b.pdb")
    let piped = try Binary.run(["status", out, "-i", "-", "--missing"], input: Data(">x/1\nMKV\n>b\nMK:GG\n".utf8))
    #expect(piped.status == 1 && piped.output == ">b\nMK:GG\n")
  }

  @Test("A name that a record which cannot be read has taken stays taken") func takenNames() throws {
    let fasta = ">x dna\nACGTACGTACGTACGT\n>x protein\nMKVVL\n>y\nMKVVA\n"
    #expect(try fold(fasta).status == 1)
    try FileManager.default.removeItem(atPath: out + "/x_2.pdb")
    let ran = try status([out], fasta, ["--missing"])
    #expect(ran.status == 1 && ran.output == ">x\n>x protein\nMKVVL\n", "\(ran.output)")
    #expect(try fold(ran.output).error.contains("folded 1, skipped 0, failed 1"))
    #expect(Set(scratch.names("out")) == ["summary.tsv", "x_2.pdb", "y.pdb"])
  }

  @Test("Of an alignment only the query is asked for") func alignment() throws {
    let a3m = ">q\nMKVL\n>h1\nMK-L\n>h2\nMKaVL\n"
    #expect(try fold(a3m).status == 0)
    #expect(try status([out], a3m).output == "records 1: finished 1, failed 0, missing 0, other 0\n")
    let piped = try Binary.run(["status", out, "-i", "-"], input: Data(a3m.utf8))
    #expect(piped.output == "records 1: finished 1, failed 0, missing 0, other 0\n")
    // Of the same length, but no alignment.
    let records = try status([out], ">q\nMKVL\n>r\nMKVV\n")
    #expect(records.output == "missing\tr\nrecords 2: finished 1, failed 0, missing 1, other 0\n")
  }

  @Test("Shards in one folder and in folders of their own are counted, and missing ones named") func shards() throws {
    for (shard, fasta) in [("1-of-3", ">a\nMKV\n>dna\nACGTACGTACGTACGTACGTACGT\n"), ("3-of-3", ">b\nMKVL\n")] {
      _ = try fold(fasta)
      try move(out + "/summary.tsv", out + "/summary.\(shard).tsv")
    }
    let input = ">a\nMKV\n>b\nMKVL\n>dna\nACGTACGTACGTACGTACGTACGT\n>d\nMKK\n"
    let ran = try status([out], input)
    #expect(
      ran.output.hasSuffix(
        """
        missing\td
        shard 1-of-3\tfinished 1\tfailed 1
        shard 3-of-3\tfinished 1\tfailed 0
        shard 2-of-3\tnothing is there
        records 4: finished 2, failed 1, missing 1, other 0

        """), "\(ran.output)")
    let json = try status([out], input, ["--format", "json"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(object["missing_shards"] as? [String] == ["2-of-3"] && object["complete"] as? Bool == false)
    #expect((object["unfinished"] as? [[String: String]])?.map { $0["state"] } == ["failed", "missing"])
    #expect((object["parts"] as? [[String: Any]])?.map { $0["finished"] as? Int } == [1, 1])
    let other = scratch.path + "/other"
    #expect(try fold(">d\nMKK\n", to: other).status == 0)
    #expect(try status([out, other], input).output.hasSuffix("finished 3, failed 1, missing 0, other 0\n"))
  }

  @Test("HDF5 files and NumPy files tell their sequences", arguments: ["h5", "npy"]) func arrays(_ format: String)
    throws
  {
    let fasta = ">s|1\nMKV\n>b\nMKVL\n>c\nMKVLM\n"
    let path = scratch.path + (format == "h5" ? "/e.h5" : "/e")
    let ran = try Binary.run(
      ["embed", "-", "-o", path, "--format", format, "--model", Fixtures.path("family/esm2")], input: Data(fasta.utf8))
    #expect(ran.status == 0, "\(ran.error)")
    #expect(try status([path], fasta).status == 0)
    let changed = try status([path], ">s|1\nMKV\n>b\nMKVA\n>d\nMKVLM\n")
    #expect(changed.output.contains("other\tb\t") && changed.output.contains("missing\td\n"))
    #expect(changed.output.hasSuffix("finished 1, failed 0, missing 1, other 1\n"))
    if format == "npy" {
      try FileManager.default.removeItem(atPath: path + "/b.npy")
      #expect(try status([path], fasta).output.hasPrefix("missing\tb\n"))
    } else {
      try move(path, scratch.path + "/e.1-of-2.h5")
      let shards = try status([path], fasta)
      #expect(shards.status == 0 && shards.output.contains("shard 1-of-2\tfinished 3\tfailed 0\nshard 2-of-2\tnothing"))
    }
  }

  @Test(
    "Refusals name what is wrong",
    arguments: [
      (["status"], 2, "expected folders or files"), (["status", "OUT"], 2, "--fasta FILE is missing"),
      (["status", "OUT", "-i", "IN", "--missing", "--format", "json"], 2, "expected one of them"),
      (["status", "OUT", "-i", "IN", "--missing", "--name-by", "file"], 2, "--name-by file"),
      (["status", "OUT", "-i", "IN", "--require", "pdb,pdb"], 2, "each once"),
      (["status", "OUT/none", "-i", "IN"], 1, "none: cannot open: No such file or directory"),
      (["status", "OUT", "-i", "OUT/none"], 1, "none: cannot open"),
      (["status", "IN", "-i", "IN"], 1, "in.fasta"),
    ] as [([String], Int32, String)])
  func refusals(_ words: [String], _ expected: Int32, _ message: String) throws {
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    let input = try scratch.file("in.fasta", ">a\nMKV\n")
    let ran = try Binary.run(
      words.map {
        $0.replacingOccurrences(of: "OUT", with: out).replacingOccurrences(of: "IN", with: input)
      })
    #expect(ran.status == expected && ran.error.contains(message), "\(ran.error)")
  }

  @Test("Summaries of others, cut ones, links in a circle and folders with names of files") func hostile() throws {
    #expect(try fold(">a\nMKV\n").status == 0)
    let summary = try scratch.text("out/summary.tsv")
    // Cut within the line: the structure itself tells.
    _ = try scratch.file("out/summary.tsv", String(summary.dropLast(20)))
    #expect(try status([out], ">a\nMKV\n").status == 0)
    #expect(try status([out], ">a\nMKW\n").output.contains("other\ta\t"))
    _ = try scratch.file("out/summary.tsv", "name\tlength\nx\t3\n")
    let foreign = try status([out], ">a\nMKV\n")
    #expect(foreign.status == 1 && foreign.error.contains("summary.tsv: found another table, expected the summary"))
    let head = summary.split(separator: "\n")[0]
    _ = try scratch.file("out/summary.tsv", "\(head)\na\t3\n")
    let short = try status([out], ">a\nMKV\n")
    #expect(short.error.contains("found a line at byte \(head.utf8.count + 1) that is none of a summary"))
    // A reason with an escape sequence is shown as text.
    let fields = summary.split(separator: "\n")[1].split(separator: "\t", omittingEmptySubsequences: false)
    var failed = fields.map(String.init)
    (failed[0], failed[8], failed[9]) = ("e", "failed", "red \u{1B}[31m")
    _ = try scratch.file("out/summary.tsv", "\(head)\n\(failed.joined(separator: "\t"))\n")
    let shown = try status([out], ">e\nMKV\n")
    #expect(!shown.output.contains("\u{1B}") && shown.output.hasPrefix("failed\te\tred "), "\(shown.output)")
    try FileManager.default.createSymbolicLink(atPath: out + "/l.pdb", withDestinationPath: "l.pdb")
    try FileManager.default.createDirectory(atPath: out + "/f.pdb", withIntermediateDirectories: true)
    let odd = try status([out], ">l\nMKV\n>f\nMKV\n>../a\nMKV\n")
    #expect(
      odd.output.contains("other\tl\t") && odd.output.contains("other\tf\t") && odd.output.contains("missing\t_._a\n")
        || odd.output.contains("missing\t_.__a\n") || odd.output.contains("missing\t_"), "\(odd.output)")
    #expect(odd.output.hasSuffix("finished 0, failed 0, missing 1, other 2\n"))
  }

  @Test("The rest of a pipe that has a name is printed as that of standard input, or it is an error")
  func namedPipe() throws {
    mkdir(out, 0o755)
    func missing(_ fasta: String) throws -> Binary.Ran {
      let input = try scratch.file("in.fasta", fasta)
      return try Binary.run(
        ["-c", "exec \"$0\" status \(out) -i <(cat \(input)) --missing", Binary.path], executable: "/bin/bash")
    }
    let rest = try missing(">a\nMKV\n>b\nGGG\n")
    #expect(rest.status == 1 && rest.output == ">a\nMKV\n>b\nGGG\n", "\(rest.error)")
    let renamed = try missing(">a one\nMKV\n>a two\nGGG\n")
    #expect(renamed.status == 1 && renamed.error.contains("hint: give the file by name"), "\(renamed.error)")
    #expect(renamed.error.contains("/dev/fd/"))
  }

  @Test("Whose reader goes, ends with 1", arguments: [["--missing"], ["--format", "json"]])
  func closedPipe(_ options: [String]) throws {
    mkdir(out, 0o755)
    let input = try scratch.file("in.fasta", (0..<60_000).map { ">p\($0)\nMKVLA\n" }.joined())
    let ran = try Binary.run(
      ["-c", "\"$0\" status \(out) -i \(input) \(options.joined(separator: " ")) | head -1; exit ${PIPESTATUS[0]}"]
        + [Binary.path], executable: "/bin/bash")
    #expect(ran.status == 1 && ran.error.isEmpty, "\(ran.error)")
  }

  @Test("Shards of tables are no HDF5 files") func tables() throws {
    _ = try scratch.file("t.1-of-2.csv", "name,value\na,1\n")
    let ran = try Binary.run(["status", scratch.path + "/t.csv", "-i", try scratch.file("in.fasta", ">a\nMKV\n")])
    #expect(ran.status == 1)
    #expect(ran.error.contains("t.1-of-2.csv: found no HDF5 file, expected a folder of results"), "\(ran.error)")
  }
}
