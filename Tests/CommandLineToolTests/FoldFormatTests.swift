// The files that `fold` writes besides PDB: formats of structures, confidence as JSON and as a table, and what lies under
// their names already.

import CommandLineTool
import Foundation
import Protein
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct FoldFormatTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private var out: String { scratch.path + "/out" }

  private static let sequence = "NLYIQWLKDXGGPSSGRPPPS", other = "GIVEQCCTSICSLYQLENYCN"

  private func fold(_ fasta: String, _ options: [String] = [], to folder: String = "out") throws -> Binary.Ran {
    try Binary.run(
      ["fold", try scratch.file("in.fasta", fasta), "-o", "\(scratch.path)/\(folder)", "-n", "0", "--model", "demo"]
        + options)
  }

  private static let fasta = ">a it's \"x\"; \u{e9}\n\(sequence)\n"

  @Test(
    "Each option writes its file, and no other",
    arguments: [
      ([], ["a.pdb"]), (["--format", "pdb"], ["a.pdb"]), (["--format", "cif"], ["a.cif"]),
      (["--format", "pdb,cif"], ["a.cif", "a.pdb"]), (["--format=cif,pdb"], ["a.cif", "a.pdb"]),
      (["--format", "cif", "--format", "pdb"], ["a.pdb"]), (["--pae"], ["a.pae.json", "a.pdb"]),
      (["--pae", "--no-pae"], ["a.pdb"]), (["--scores"], ["a.pdb", "a_scores.json"]),
      (
        ["--format", "cif", "--pae", "--scores", "--plddt", "--cif-pae"],
        ["a.cif", "a.pae.json", "a.plddt.tsv", "a_scores.json"]
      ), (["--plots"], ["a.pae.png", "a.pdb", "a.plddt.svg"]), (["--plots", "--no-plots"], ["a.pdb"]),
    ])
  func files(_ options: [String], _ names: [String]) throws {
    let ran = try fold(Self.fasta, options)
    #expect(ran.status == 0, "\(ran.error)")
    #expect(scratch.names("out") == names + ["summary.tsv"])
    #expect(try fold(Self.fasta, options).error.contains("folded 0, skipped 1, failed 0"))
  }

  @Test(
    "A list of formats that is none is a usage error",
    arguments: [
      "", ",", "pdb,", ",cif", "pdb,,cif", "pdb,pdb", "cif,pdb,cif", "PDB", "mmcif", "bcif", "pdb;cif", "pdb cif",
      " pdb",
    ])
  func badFormats(_ list: String) throws {
    let ran = try fold(Self.fasta, ["--format", list])
    #expect(ran.status == 2)
    #expect(
      ran.error.contains(
        "error: esmfold fold: --format: found \"\(list)\", expected pdb, cif, or both with a comma between them, each once"
      ))
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test("Errors for mmCIF need mmCIF, before anything is done", arguments: [[], ["--format", "pdb"]])
  func cifErrorsWithoutCIF(_ options: [String]) throws {
    let ran = try fold(Self.fasta, ["--cif-pae"] + options)
    #expect(ran.status == 2 && ran.error.contains("--cif-pae: found --format pdb, expected cif among the formats"))
    #expect(!FileManager.default.fileExists(atPath: out))
    for flag in ["--pae=x", "--scores=1", "--cif-pae=", "--plots=png"] {
      #expect(try fold(Self.fasta, [flag]).status == 2)
    }
  }

  @Test("Atoms are those of the PDB file, to the digit, and confidence is that of the tensors") func sameNumbers()
    throws
  {
    let ran = try fold(
      Self.fasta, ["--format", "pdb,cif", "--pae", "--scores", "--plddt", "--cif-pae", "--save-tensors"])
    #expect(ran.status == 0, "\(ran.error)")
    let pdb = try scratch.text("out/a.pdb").split(separator: "\n").filter { $0.hasPrefix("ATOM") }
    let cif = try scratch.text("out/a.cif").split(separator: "\n").map(String.init)
    let atoms = cif.filter { $0.hasPrefix("ATOM ") }.map { $0.split(separator: " ").map(String.init) }
    try #require(atoms.count == pdb.count && pdb.count > 100)
    func columns(_ line: Substring, _ range: ClosedRange<Int>) -> String {
      String(decoding: Array(line.utf8)[range.lowerBound - 1...range.upperBound - 1], as: UTF8.self)
        .trimmingCharacters(in: .whitespaces)
    }
    for (line, atom) in zip(pdb, atoms) {
      let expected = [7...11, 78...78, 13...16, 18...20, 22...22, 31...38, 39...46, 47...54, 55...60, 61...66, 23...26]
        .map { columns(line, $0) }
      #expect([1, 2, 3, 5, 6, 10, 11, 12, 13, 14, 16].map { atom[$0] } == expected)
    }

    let tensors = try ArrayReader(out + "/a.tensors.h5").arrays("/"), n = Self.sequence.count
    let errors = try #require(tensors["predicted_aligned_error"]).values, plddt = try #require(tensors["plddt"]).values
    func json(_ name: String) throws -> Any {
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: "\(out)/\(name)")))
    }
    let list = try #require(try json("a.pae.json") as? [[String: Any]])
    #expect(list.count == 1 && list[0]["max_predicted_aligned_error"] as? Double == 31.75)
    let scores = try #require(try json("a_scores.json") as? [String: Any])
    #expect(scores["max_pae"] as? Double == errors.max().map(Double.init))
    let matrices = [
      (try #require(list[0]["predicted_aligned_error"] as? [[Double]]), 0.0501),
      (try #require(scores["pae"] as? [[Double]]), 0.00501),
    ]
    for (rows, tolerance) in matrices {
      try #require(rows.count == n && rows.allSatisfy { $0.count == n })
      for i in 0..<n { for j in 0..<n { #expect(abs(rows[i][j] - Double(errors[i * n + j])) < tolerance) } }
    }
    let confidence = try #require(scores["plddt"] as? [Double])
    try #require(confidence.count == n)
    for i in 0..<n { #expect(abs(confidence[i] - Double(plddt[i * 37 + 1])) < 0.00501) }
    let ptm = try #require(tensors["ptm"]).values[0]
    #expect(abs((scores["ptm"] as? Double ?? 0) - Double(ptm)) < 0.00501)

    // The tenth residue is X: it has no atoms, and no line in the tables of what has.
    let place = try #require(cif.firstIndex(of: "_ma_qa_metric_local.metric_value"))
    let local = cif[(place + 1)...].prefix { $0 != "#" }.map { $0.split(separator: " ").map(String.init) }
    #expect(local.map { $0[3] } == (1...n).filter { $0 != 10 }.map { "\($0)" })
    for row in local {
      let residue = try #require(Int(row[3])) - 1
      #expect(row[6] == atoms.first { $0[8] == row[3] && $0[3] == "CA" }?[14])
      #expect(abs((Double(row[6]) ?? 0) - Double(plddt[residue * 37 + 1])) < 0.00501)
    }
    let pairs = cif.filter { $0.wholeMatch(of: /[0-9]+ 1 A [0-9]+ [A-Z]{3} A [0-9]+ [A-Z]{3} 4 [0-9.]+/) != nil }
    #expect(pairs.count == (n - 1) * (n - 1))
    let last = try #require(pairs.dropLast().last).split(separator: " ").map(String.init)
    #expect(last[3] == "21" && last[6] == "20")
    #expect(abs((Double(last[9]) ?? 0) - Double(errors[n * n - 2])) < 0.00501)

    let text = cif.joined(separator: "\n")
    #expect(text.contains("_struct.title\n;ESMFOLD PREDICTION FOR a it's \"x\"; ?\n;\n"))
    #expect(text.contains("\n_struct.pdbx_structure_determination_methodology computational\n"))
    let row = try #require(summaryRows(try scratch.text("out/summary.tsv")).first)
    #expect(text.contains("\n1 1 1 \(row[2])\n2 1 3 \(row[3])\n"))
    // The same digest everywhere.
    let digest = try #require(scores["request_sha256"] as? String)
    #expect(list[0]["request_sha256"] as? String == digest && digest.count == 64)
    let pdbText = try scratch.text("out/a.pdb")
    #expect(text.contains(" request_sha256 \(digest) ") && pdbText.contains(digest))
  }

  @Test("What is asked for besides is added, and the rest stays as it is") func furtherFiles() throws {
    #expect(try fold(Self.fasta).status == 0)
    let pdb = try scratch.text("out/a.pdb")
    for options in [["--format", "cif"], ["--pae"], ["--scores"], ["--plots"], ["--format", "pdb,cif", "--cif-pae"]] {
      #expect(try fold(Self.fasta, options).error.contains("folded 1, skipped 0, failed 0"), "\(options)")
      #expect(try fold(Self.fasta, options).error.contains("folded 0, skipped 1, failed 0"), "\(options)")
    }
    // A file with the errors does for a run that does not ask for them.
    #expect(try scratch.text("out/a.cif").contains("_ma_qa_metric_local_pairwise."))
    #expect(try fold(Self.fasta, ["--format", "cif"]).error.contains("folded 0, skipped 1, failed 0"))
    #expect(try scratch.text("out/a.pdb") == pdb)
    #expect(summaryRows(try scratch.text("out/summary.tsv")).count == 1)
  }

  static let kinds = [
    ("a.cif", ["--format", "cif"]), ("a.pae.json", ["--pae"]), ("a_scores.json", ["--scores"]),
  ]

  @Test("A result of another sequence or setting under the name is an error", arguments: kinds)
  func otherFold(_ name: String, _ options: [String]) throws {
    #expect(try fold(Self.fasta, options).status == 0)
    let before = try scratch.text("out/" + name)
    // Without the structure, which would say it first.
    if name != "a.cif" { try FileManager.default.removeItem(atPath: out + "/a.pdb") }
    let ran = try fold(">a\n\(Self.other)\n>b\nMKTV\n", options)
    let found = name == "a.cif" ? "the fold of another sequence" : "a fold of another sequence, model or setting"
    #expect(ran.status == 1 && ran.error.contains("folded 1, skipped 0, failed 1"))
    #expect(ran.error.contains("a: \(out)/\(name): found \(found), expected that of this record"), "\(ran.error)")
    let setting = try fold(Self.fasta, options + ["-n", "1"])
    #expect(setting.status == 1 && setting.error.contains("a: \(out)/\(name): found a fold "))
    #expect(try scratch.text("out/" + name) == before)
    #expect(try fold(">a\n\(Self.other)\n", options + ["--overwrite"]).status == 0)
    #expect(try scratch.text("out/" + name) != before)
  }

  @Test("A file of someone else under the name is an error", arguments: kinds)
  func foreign(_ name: String, _ options: [String]) throws {
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: false)
    _ = try scratch.file("out/" + name, "mine\n")
    let ran = try fold(Self.fasta + ">b\nMKTV\n", options)
    #expect(ran.status == 1 && ran.error.contains("a: \(out)/\(name): found another file, expected none"))
    #expect(try scratch.text("out/" + name) == "mine\n")
    #expect(scratch.names("out").filter { $0.hasPrefix("a") } == [name])
    #expect(try fold(Self.fasta, options + ["--overwrite"]).status == 0)
  }

  @Test("A structure of another sequence in the other format is an error, a file of someone else is not")
  func otherFormat() throws {
    #expect(try fold(Self.fasta).status == 0)
    let ran = try fold(">a\n\(Self.other)\n", ["--format", "cif"])
    #expect(ran.status == 1 && ran.error.contains("a: \(out)/a.pdb: found the fold of another sequence"))
    #expect(scratch.names("out") == ["a.pdb", "summary.tsv"])
    _ = try scratch.file("out/a.pdb", "HEADER    MINE\n")
    #expect(try fold(Self.fasta, ["--format", "cif"]).status == 0)
    #expect(try scratch.text("out/a.pdb") == "HEADER    MINE\n")
  }

  @Test(
    "A file of another fold that is not asked for is an error, and is told of when the rest is replaced",
    arguments: ["--pae", "--scores", "--plddt", "--save-tensors"])
  func leftOver(_ option: String) throws {
    #expect(try fold(Self.fasta, [option]).status == 0)
    let left = try #require(scratch.names("out").first { $0 != "a.pdb" && $0 != "summary.tsv" })
    let replaced = try fold(">a\n\(Self.other)\n", ["--overwrite"])
    let warning = "warning: a: \(out)/\(left): found a file of another fold beside the new one, expected none"
    #expect(replaced.status == 0 && replaced.error.contains(warning), "\(replaced.error)")
    let again = try fold(">a\n\(Self.other)\n")
    #expect(again.status == 1 && again.error.contains("error: a: \(out)/\(left): found "), "\(again.error)")
    let whole = try fold(">a\n\(Self.other)\n", ["--overwrite", option])
    #expect(whole.status == 0 && !whole.error.contains("beside the new one"))
    #expect(try fold(">a\n\(Self.other)\n").error.contains("skipped 1, failed 0"))
  }

  @Test("A failure says nothing of a structure that is there, in whichever format", arguments: ["pdb", "cif"])
  func failure(_ format: String) throws {
    #expect(try fold(">a\nMKTV\n", ["--format", format]).status == 0)
    let before = try scratch.text("out/summary.tsv")
    #expect(try fold(">a\n\u{1}\n", ["--format", format]).status == 1)
    #expect(try scratch.text("out/summary.tsv") == before)
  }

  @Test("The table of one chain is as before, that of several names them") func table() throws {
    func structure(_ sequence: String, _ chains: [String]?) -> Structure {
      let residues = sequence.utf8.map(ResidueType.init(letter:))
      return Structure(
        positions14: Array(repeating: 0, count: residues.count * 42),
        plddt: (0..<residues.count * 37).map { Float($0) / 4 }, residueTypes: residues,
        residueNumbers: chains.map { names in names.indices.map { names[..<$0].count { $0 == names.last } + 1 } },
        chainIDs: chains)
    }
    let single = ConfidenceTable.text(structure("GXA", nil))
    #expect(single == "residue\tletter\tplddt\n1\tG\t0.25\n2\tX\tNA\n3\tA\t18.75\n")
    #expect(ConfidenceTable.sequence(of: Array(single.utf8)) == "GXA")
    let several = ConfidenceTable.text(structure("GXA", ["A", "A", "AA"]))
    #expect(several == "residue\tletter\tplddt\tchain\n1\tG\t0.25\tA\n1\tX\tNA\tA\n1\tA\t18.75\tAA\n")
    #expect(ConfidenceTable.sequence(of: Array(several.utf8)) == "GX:A")
    // A line that is cut off is none.
    for text in [single.dropLast(1), single.dropLast(5)] {
      #expect(ConfidenceTable.sequence(of: Array(text.utf8)) == "GX")
    }
    for text in ["", "residue\tletter\tplddt2", several.dropLast(4) + "\n", single + "x\n", "a\tb\tc\n"] {
      #expect(ConfidenceTable.sequence(of: Array(text.utf8)) == nil)
    }
  }
}
