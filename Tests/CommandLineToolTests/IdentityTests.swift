// A file is never what it is not: results are those of this sequence, model and setting, or an error; and killed runs
// that are repeated end with exactly the results of an undisturbed one.

import ESMFoldKit
import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 30)) struct IdentityTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private var out: String { scratch.path + "/out" }

  private static let s = "NLYIQWLKDGGPSSGRPPPS", other = "GIVEQCCTSICSLYQLENYCN"

  private func fold(_ fasta: String, _ options: [String] = []) throws -> Binary.Ran {
    try Binary.run(
      ["fold", try scratch.file("in.fasta", fasta), "-o", out, "-n", "0", "--model", "demo"] + options)
  }

  private func rows() throws -> [[String]] { summaryRows(try scratch.text("out/summary.tsv")) }

  // MARK: Folds

  @Test("Another sequence under a name is an error of that record, and the others are folded")
  func otherSequence() throws {
    #expect(try fold(">design\n\(Self.s)\n").status == 0)
    let before = try scratch.text("out/design.pdb"), row = try rows()
    let ran = try fold(">design\n\(Self.other)\n>b\nMKTV\n")
    #expect(ran.status == 1 && ran.error.contains("folded 1, skipped 0, failed 1"))
    #expect(ran.error.contains("design: \(out)/design.pdb: found the fold of another sequence, expected that of this"))
    #expect(ran.error.contains("\nhint: choose another output folder, or --overwrite to replace it"))
    #expect(try scratch.text("out/design.pdb") == before)
    // The line of the file that is there stays, and says nothing of the one that was not written.
    #expect(try rows().map { $0[0] } == ["design", "b"] && rows()[0] == row[0])
    let replaced = try fold(">design\n\(Self.other)\n", ["--overwrite"])
    #expect(replaced.status == 0 && replaced.error.contains("folded 1"))
    #expect(try rows().map { [$0[0], $0[1], $0[8]] } == [["b", "4", "ok"], ["design", "21", "ok"]])
    #expect(try fold(">design again, with another header\n\(Self.other.lowercased())\n").error.contains("skipped 1"))
  }

  @Test(
    "Another setting or model under a name is an error",
    arguments: [
      (["-n", "1"], "found a fold with demo, 0 recycles, fp32, expected one with demo, 1 recycle, fp32"),
      (["--model", "TINY"], "found a fold with demo, 0 recycles, fp32, expected one with folding-a, 0 recycles, fp32"),
    ])
  func otherSetting(_ options: [String], _ message: String) throws {
    #expect(try fold(">a\n\(Self.s)\n").status == 0)
    let ran = try fold(
      ">a\n\(Self.s)\n", options.map { $0 == "TINY" ? Fixtures.path("folding/folding-a") : $0 })
    #expect(ran.status == 1 && ran.error.contains(message), "\(ran.error)")
  }

  @Test("The same weights under another name make the same results") func renamedModel() throws {
    let fasta = try scratch.file("a.fasta", ">a\nMKTVRQ\n")
    for name in ["one", "two"] {
      let path = scratch.path + "/\(name).h5"
      #expect(
        try Binary.run(["weights", "import", Fixtures.path("folding/folding-a"), "--name", name, "-o", path]).status
          == 0)
      let ran = try Binary.run(["fold", fasta, "-o", out, "--model", path])
      #expect(ran.status == 0 && ran.error.contains(name == "one" ? "folded 1, skipped 0" : "folded 0, skipped 1"))
    }
  }

  @Test(
    "Files of others are neither replaced nor taken for results", arguments: ["a.pdb", "a.tensors.h5", "a.plddt.tsv"])
  func foreign(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: false)
    _ = try scratch.file("out/" + name, "mine\n")
    let ran = try fold(">a\n\(Self.s)\n>b\nMKTV\n", ["--save-tensors", "--plddt"])
    #expect(ran.status == 1 && ran.error.contains("a: \(out)/\(name): found another file, expected none"))
    #expect(try scratch.text("out/" + name) == "mine\n")
    #expect(scratch.names("out").filter { $0.hasPrefix("a.") } == [name] && scratch.names("out").contains("b.pdb"))
  }

  @Test("What a run asks for besides is added to its own results") func furtherFiles() throws {
    let fasta = ">a\n\(Self.s)\n"
    #expect(try fold(fasta).status == 0)
    let ran = try fold(fasta, ["--save-tensors", "--plddt"])
    #expect(ran.status == 0 && ran.error.contains("folded 1, skipped 0"))
    #expect(try fold(fasta, ["--save-tensors", "--plddt"]).error.contains("folded 0, skipped 1"))
    #expect(try rows().count == 1)
    #expect(try fold(">a\n\(Self.other)\n", ["--save-tensors"]).status == 1)
  }

  @Test("The head of a PDB file says what it is, and the digest is that of what determines the numbers")
  func provenance() throws {
    let header = "sp|P1|A " + String(repeating: "long header of a record ", count: 6) + "end\u{e9}"
    #expect(try fold(">\(header)\n\(Self.s)\n").status == 0)
    let name = "sp_P1_A"
    let lines = try scratch.text("out/\(name).pdb").split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("HEADER    "))
    let title = lines.filter { $0.hasPrefix("TITLE ") }.enumerated().map { index, line in
      #expect(line.utf8.count == 80 && line.dropFirst(8).prefix(2) == (index == 0 ? "  " : " \(index + 1)"))
      return String(line.dropFirst(10).reversed().drop { $0 == " " }.reversed())
    }
    #expect(title.joined() == "ESMFOLD PREDICTION FOR " + header.replacing("\u{e9}", with: "?"))
    let row = try #require(try rows().first)
    #expect(row[10] == header)
    func value(_ key: String) -> String? {
      lines.first { $0.hasPrefix("REMARK   6 \(key): ") }.map {
        String($0.dropFirst(13 + key.count)).trimmingCharacters(in: .whitespaces)
      }
    }
    #expect(value("MODEL") == "demo" && value("RECYCLES") == "0" && value("PRECISION") == "fp32")
    #expect(value("MEAN PLDDT (0-100)") == row[2] && value("PTM") == row[3])
    let digests = lines.filter { $0.wholeMatch(of: /REMARK   6 [0-9a-f]{64} +/) != nil }
      .map { String($0.dropFirst(11)).trimmingCharacters(in: .whitespaces) }
    try #require(digests.count == 2)
    // sha256sum of the text that the manual describes.
    let text = "esmfold fold 1\n\(Self.s)\n\(digests[0])\n0\nfp32\n"
    let sum = try Binary.run([], executable: "/usr/bin/sha256sum", input: Data(text.utf8))
    #expect(sum.output.prefix(64) == digests[1])
  }

  @Test("A summary of an earlier version gets the columns that it lacks") func oldSummary() throws {
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: false)
    _ = try scratch.file(
      "out/summary.tsv",
      "name\tlength\tmean_plddt\tptm\tseconds\trecycles\tprecision\tmodel\tstatus\tmessage\n"
        + "x\t4\t70.00\t0.1000\t0.1\t3\tfp32\tdemo\tok\t\n")
    #expect(try fold(">a\n\(Self.s)\n").status == 0)
    let rows = try rows()
    #expect(
      rows.map { $0[0] } == ["x", "a"] && rows.allSatisfy { $0.count == 22 } && rows[0][10...].allSatisfy { $0 == "NA" }
    )
  }

  // MARK: Vectors and scores

  static let stores = [
    ["embed", "-o", "OUT.h5"], ["embed", "-o", "OUT", "--format", "npy"], ["embed", "-o", "OUT.h5", "--flat"],
    ["embed", "-o", "OUT.h5", "--layers", "all", "--include", "contacts,logits", "--dtype", "float16"],
    ["score", "-o", "OUT.h5", "--all"], ["contacts", "-o", "OUT.h5", "--format", "h5"],
  ]

  private static let model = Fixtures.path("family/esm2")
  private static let one = ">a first\nMKTVRQ\n", two = ">sp|Q1|X second\nGIVEQ\n", three = ">c\nMMM\n"

  private func run(_ words: [String], _ name: String, _ fasta: String, _ options: [String] = []) throws -> Binary.Ran {
    let input = try scratch.file(name + ".fasta", fasta)
    return try Binary.run(
      [words[0], input] + words.dropFirst().map { $0.replacing("OUT", with: scratch.path + "/" + name) }
        + ["--model", Self.model] + options, environment: ["ESMFOLD_CACHE": scratch.path + "/cache"])
  }

  private func results(_ name: String) throws -> [String: Data] {
    try ResultFiles.all(in: scratch.path).filter { $0.key.hasPrefix(name + ".h5") || $0.key.hasPrefix(name + "/") }
      .reduce(into: [:]) { $0[String($1.key.dropFirst(name.count))] = $1.value }
  }

  @Test("Records that lack are added, in the order of the input", arguments: stores)
  func addition(_ words: [String]) throws {
    #expect(try run(words, "x", Self.one + Self.three).status == 0)
    let added = try run(words, "x", Self.one + Self.two + Self.three)
    #expect(added.status == 0 && added.error.contains("1, skipped 2, failed 0"), "\(added.error)")
    #expect(try run(words, "y", Self.one + Self.two + Self.three).status == 0)
    let x = try results("x"), y = try results("y")
    if words.contains("npy") {
      // The lines of the index are in the order in which the records came.
      #expect(x.filter { $0.key != "/index.tsv" } == y.filter { $0.key != "/index.tsv" })
      #expect(ResultFiles.lines(try #require(x["/index.tsv"])) == ResultFiles.lines(try #require(y["/index.tsv"])))
    } else {
      #expect(x == y && x.count == 1)
    }
    // Nothing is left to do; a part of the input is there as well, and nothing is lost.
    for fasta in [Self.one + Self.two + Self.three, Self.two] {
      let again = try run(words, "x", fasta)
      #expect(again.status == 0 && again.error.contains("has the results of all records"), "\(again.error)")
      #expect(try results("x") == x)
    }
  }

  @Test("Another sequence under a name is an error of that record, and the others are added", arguments: stores)
  func conflict(_ words: [String]) throws {
    #expect(try run(words, "x", Self.one).status == 0)
    let ran = try run(words, "x", ">a first\nMKKK\n" + Self.two)
    #expect(ran.status == 1 && ran.error.contains("1, failed 1"), "\(ran.error)")
    #expect(ran.error.contains("\"a\": found the results of another sequence, expected those of this record"))
    let both = try run(words, "x", Self.one + Self.two)
    #expect(both.status == 0 && both.error.contains("has the results of all records"))
  }

  @Test("A failed record is tried again, and only a run in which all succeed ends with 0", arguments: stores)
  func failure(_ words: [String]) throws {
    // A letter that no token has.
    let bad = Self.one + ">bad\nMK1!V\n" + Self.three
    for attempt in 1...2 {
      let ran = try run(words, "x", bad)
      #expect(ran.status == 1 && ran.error.contains(attempt == 1 ? "2, failed 1" : "0, skipped 2, failed 1"))
    }
    #expect(try run(words, "x", Self.one + Self.three).status == 0)
  }

  @Test("Another model is an error, whatever it is called") func otherModel() throws {
    #expect(try run(Self.stores[0], "x", Self.one).status == 0)
    let changed = scratch.path + "/esm2"
    try FileManager.default.copyItem(atPath: Self.model, toPath: changed)
    let weights = changed + "/model.safetensors"
    // One bit of the last weight.
    var bytes = try Data(contentsOf: URL(fileURLWithPath: weights))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: URL(fileURLWithPath: weights))
    let ran = try run(Self.stores[0], "x", Self.one, ["--model", changed])
    #expect(ran.status == 1 && ran.error.contains("x.h5: found results with other settings"), "\(ran.error)")
  }

  @Test("A table of others in the folder is not touched, not even with --overwrite") func foreignIndex() throws {
    try FileManager.default.createDirectory(atPath: scratch.path + "/x", withIntermediateDirectories: false)
    _ = try scratch.file("x/index.tsv", "mine\n")
    for options in [[], ["--overwrite"]] {
      let ran = try run(Self.stores[1], "x", Self.one, options)
      #expect(ran.status == 1 && ran.error.contains("x/index.tsv: found another table"))
      #expect(scratch.names("x") == ["index.tsv"])
      #expect(try scratch.text("x/index.tsv") == "mine\n")
    }
  }

  @Test("A run that did not begin is no obstacle for another one", arguments: stores[0...1])
  func notBegun(_ words: [String]) throws {
    // All records fail.
    #expect(try run(words, "x", ">bad\nMK1!V\n").status == 1)
    let ran = try run(words, "x", Self.one, words.contains("npy") ? ["--pool", "mean"] : ["--dtype", "float16"])
    #expect(ran.status == 0, "\(ran.error)")
  }

  // MARK: Kills

  /// Kills of each command; `ESMFOLD_TEST_KILLS` sets another number.
  private static let kills = ProcessInfo.processInfo.environment["ESMFOLD_TEST_KILLS"].flatMap { Int($0) } ?? 3

  static let resumable = [
    ["fold", "-o", "OUT", "-n", "0"],
    ["fold", "-o", "OUT", "-n", "0", "--format", "cif", "--pae", "--scores", "--plots"],
    stores[0], stores[1], stores[4],
  ]

  @Test("Runs that are killed and repeated end with what an undisturbed one gives", arguments: resumable)
  func killed(_ words: [String]) throws {
    let letters = Array("ACDEFGHIKLMNPQRSTVWY")
    var fasta = ""
    for number in 0..<30 {
      let places = (0..<20 + number % 9).map { place -> Int in (place * 7 + number * 3 + place * number) % 20 }
      fasta += ">r\(number)\n" + String(places.map { letters[$0] }) + "\n"
    }
    let input = try scratch.file("in.fasta", fasta)
    let model = words[0] == "fold" ? "demo" : Self.model
    func command(_ name: String) -> [String] {
      [words[0], input] + words.dropFirst().map { $0.replacing("OUT", with: scratch.path + "/" + name) }
        + ["--model", model]
    }
    let environment = ["ESMFOLD_CACHE": scratch.path + "/cache"]
    #expect(try Binary.run(command("y"), environment: environment).status == 0)
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = RandomNumbers(seed: seed)
    for _ in 0..<Self.kills {
      let process = try Binary.Started(command("x"), environment: environment)
      // Any moment will do.
      let moment = ContinuousClock.now + .milliseconds(Int.random(in: 5...200, using: &random))
      process.wait { ContinuousClock.now >= moment }
      process.send(SIGKILL)
      _ = process.ended()
    }
    let last = try Binary.run(command("x"), environment: environment)
    #expect(last.status == 0, "seed \(seed): \(last.error)")
    let x = try results("x"), y = try results("y")
    #expect(x.keys.sorted() == y.keys.sorted(), "seed \(seed)")
    for (name, content) in y {
      let isSame =
        ResultFiles.grows(name)
        ? x[name].map(ResultFiles.lines) == ResultFiles.lines(content) : x[name] == content
      #expect(isSame, "seed \(seed): \(name)")
    }
  }
}
