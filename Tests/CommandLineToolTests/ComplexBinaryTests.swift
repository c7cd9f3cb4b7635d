// Complexes by the built program: chains and numbers of the files, the columns of the summary, what is refused.

import Foundation
import TestSupport
import Testing

@Suite struct ComplexBinaryTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func fold(_ fasta: String, _ options: [String] = [], to name: String = "out") throws -> Binary.Ran {
    try Binary.run(
      ["fold", "-", "-o", scratch.path + "/" + name, "--model", "demo", "-n", "0"] + options, input: Data(fasta.utf8))
  }

  /// Chain and number of each residue with an α carbon: `A1 A2 B1`.
  private func residues(_ name: String, in folder: String = "out") throws -> String {
    try scratch.text("\(folder)/\(name).pdb").split(separator: "\n").filter { $0.dropFirst(12).hasPrefix(" CA ") }
      .map { line in
        let columns = Array(line)
        return "\(columns[21])\(String(columns[22..<26]).filter { $0 != " " })"
      }.joined(separator: " ")
  }

  @Test("Chains are lettered and numbered from 1, linkers are in no file") func chains() throws {
    let ran = try fold(">c all\nMKV : GG\n*/\nXW*\n", ["--save-tensors"])
    #expect(ran.status == 0, "\(ran.error)")
    #expect(ran.error.contains("c: length 7 in 3 chains (57 with linkers), mean pLDDT "))
    #expect(try residues("c") == "A1 A2 A3 B1 B2 C2")
    let terminations = try scratch.text("out/c.pdb").split(separator: "\n").filter { $0.hasPrefix("TER") }
    #expect(terminations.map { $0.suffix(10) } == [" VAL A   3", " GLY B   2", " TRP C   2"].map { $0.suffix(10) })
    let columns = try scratch.text("out/summary.tsv").split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    let row = try #require(columns.last)
    let value = { (name: String) in columns[0].firstIndex(of: name).map { row[$0] } ?? "none" }
    #expect(value("length") == "7" && value("chains") == "3" && value("passes") == "1")
    for name in ["pair_iptm", "pair_pae", "pdockq", "ipsae"] {
      let pairs = value(name).split(separator: ";").map { $0.split(separator: "=") }
      #expect(pairs.map { $0.first } == ["A-B", "A-C", "B-C"])
      #expect(pairs.allSatisfy { Double($0.last ?? "") != nil }, "\(value(name))")
    }
    #expect(Double(value("iptm")) != nil)
  }

  @Test("Numbers as the trunk has them, copies, and other linkers") func choices() throws {
    #expect(try fold(">c\nMK:GG\n", ["--numbering", "model"]).status == 0)
    #expect(try residues("c") == "A1 A2 B540 B541")
    #expect(try fold(">c\nMK\n", ["--copies", "3"], to: "copies").status == 0)
    #expect(try residues("c", in: "copies") == "A1 A2 B1 B2 C1 C2")
    #expect(try fold(">c\nMK:GGA\n", ["--copies", "2"], to: "pairs").status == 0)
    #expect(try residues("c", in: "pairs") == "A1 A2 B1 B2 B3 C1 C2 D1 D2 D3")
    let short = try fold(
      ">c\nMK:GG\n", ["--numbering", "model", "--chain-linker", "gsx", "--residue-offset", "40"], to: "short")
    #expect(short.status == 0 && short.error.contains("(7 with linkers)"))
    #expect(try residues("c", in: "short") == "A1 A2 B46 B47")
    let farther = try fold(
      ">c\nMK:GG\n", ["--numbering", "model", "--chain-linker", "gsx", "--residue-offset", "41"], to: "short")
    #expect(farther.status == 1 && farther.error.contains("linker GSX offset 40"), "\(farther.error)")
    // Meta's linker by its letters is the same request.
    let again = try fold(
      ">c\nMK:GG\n", ["--numbering", "model", "--chain-linker", String(repeating: "G", count: 25)])
    #expect(again.error.contains("skipped 1"))
    let other = try fold(">c\nMK:GG\n")
    #expect(
      other.status == 1
        && other.error.contains("numbering model, expected one with demo, 0 recycles, fp32, linker 25 G"))
  }

  @Test("Numbers of residues with gaps") func residueIndex() throws {
    #expect(try fold(">a\nMKV:GG\n", ["--residue-index", "-2--1,7:5,9"]).status == 0)
    #expect(try residues("a") == "A-2 A-1 A7 B5 B9")
    let table = try scratch.file("n.tsv", "\u{FEFF}a\t3-4,9\r\n# numbers\r\nnobody\t1\r\n")
    let ran = try fold(">a\nMKV\n>b\nMKV\n", ["--residue-index", table], to: "table")
    #expect(ran.status == 0 && ran.error.contains("--residue-index: found \"nobody\", expected the name of a record"))
    #expect(try residues("a", in: "table") == "A3 A4 A9" && residues("b", in: "table") == "A1 A2 A3")
    let wrong = try fold(">a\nMKV\n>b\nMKVA\n", ["--residue-index", "1-3"], to: "wrong")
    #expect(wrong.status == 1 && wrong.error.contains("b: residue numbers of chain 1: found 3, expected 4"))
    #expect(wrong.error.contains("folded 1, skipped 0, failed 1"))
  }

  @Test("Of an A3M of several chains the complex is folded") func alignment() throws {
    let ran = try fold("#3,2\t1,2\n>q\nMKVGG\n>h\nM-VGG\n")
    #expect(ran.status == 0 && ran.error.contains("q: length 7 in 3 chains"), "\(ran.error)")
    #expect(try residues("q") == "A1 A2 A3 B1 B2 C1 C2")
  }

  @Test("More chains and other numbers than a PDB file has room for are refused before the work") func manyChains()
    throws
  {
    let most = try fold(">c\nG\n", ["--copies", "62", "--chain-linker", "0"])
    #expect(most.status == 0, "\(most.error)")
    #expect(try residues("c").hasSuffix(" y1 z1 01 11 21 31 41 51 61 71 81 91"))
    let more = try fold(">c\nG\n", ["--copies", "63", "--chain-linker", "0"], to: "more")
    #expect(more.status == 1 && more.error.contains("c: PDB file: chains: found 63, expected at most 62"))
    let numbers = ["--residue-index=-1000--999"]
    let wide = try fold(">c\nGG\n", numbers, to: "wide")
    #expect(
      wide.status == 1 && wide.error.contains("c: PDB file: residue number: found -1000, expected -999 to 2436111"))
    #expect(wide.error.contains("hint: --format cif has no such limit"))
    #expect(try fold(">c\nGG\n", numbers + ["--format", "cif"], to: "wide-cif").status == 0)
    #expect(try fold(">c\nGG\n", ["--residue-index=-999--998"], to: "narrow").status == 0)
    #expect(more.error.contains("hint: --format cif has no such limit") && scratch.names("more") == ["summary.tsv"])
    let cif = try fold(">c\nG\n", ["--copies", "63", "--chain-linker", "0", "--format", "cif"], to: "cif")
    #expect(cif.status == 0, "\(cif.error)")
    let last = try scratch.text("cif/c.cif").split(separator: "\n").last { $0.hasPrefix("ATOM") }
    #expect(last?.split(separator: " ").contains("AA") == true, "\(last ?? "")")
  }

  @Test(
    "Bad values are usage errors",
    arguments: [
      ["--copies", "0"], ["--copies", "1001"], ["--copies", "two"], ["--chain-linker", ""], ["--chain-linker", "GJG"],
      ["--chain-linker", "G-G"], ["--chain-linker", "1001"], ["--chain-linker", "99999999999999999999"],
      ["--residue-offset", "-1"], ["--residue-offset", "1000001"], ["--numbering", "meta"],
      ["--residue-index", "3-1"], ["--residue-index", "1,,2"], ["--residue-index", "1-9999999"],
      ["--residue-index", "99999999999999999999"],
    ])
  func badValues(_ words: [String]) throws {
    let ran = try fold(">c\nMKV\n", words)
    #expect(ran.status == 2 && ran.error.contains("error: esmfold fold: \(words[0]): found \"\(words[1])\", expected "))
  }

  @Test(
    "Bad files of numbers",
    arguments: [("a 1-3\n", "n.tsv:1: residue numbers: "), ("#\na\t1-3\na\t1-3\n", "n.tsv:3: record")])
  func badTables(_ content: String, _ message: String) throws {
    let table = try scratch.file("n.tsv", content)
    let ran = try fold(">a\nMKV\n", ["--residue-index", table])
    #expect(ran.status == 1 && ran.error.contains(message), "\(ran.error)")
  }

  @Test("The language models read one chain", arguments: ["embed", "score", "contacts"])
  func languageModels(_ command: String) throws {
    let file = try scratch.file("a.fasta", ">a\nMK:GG\n")
    let ran = try Binary.run([command, file, "-o", scratch.path + "/x", "--model", Fixtures.path("family/esm2")])
    #expect(ran.status == 1 && ran.error.contains("found ':' after residue 2, expected one chain"))
    #expect(ran.error.contains("hint: a language model reads one chain; make each a record of its own"))
  }
}
