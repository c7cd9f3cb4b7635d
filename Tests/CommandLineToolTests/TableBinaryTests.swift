// The tables of the language-model commands, every cell against the reference's logits.

import CommandLineTool
import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// Tables have five or six decimals, and sums of logits differ in the last digits.
private let printed = 2e-4

@Suite(.timeLimit(minutes: 20)) struct TableBinaryTests {
  private static func values(_ model: String, _ name: String, of file: String = "goldens") throws -> [Double] {
    let file = try Safetensors(Fixtures.path("family/\(model)/\(file).safetensors"))
    return try #require(try file.tensors().first { $0.name == name }).floats().map(Double.init)
  }

  private static func vocabulary() throws -> [String] {
    try String(contentsOfFile: Fixtures.path("family/tokenizer/standard-vocab.txt"), encoding: .utf8)
      .split(separator: "\n").map(String.init)
  }

  private static func run(_ command: String, _ fasta: String, _ options: [String] = [], model: String = "esm2") throws
    -> [[String]]
  {
    let ran = try Binary.run(
      [command, "--model", Fixtures.path("family/\(model)")] + options, input: Data(fasta.utf8))
    #expect(ran.status == 0, "\(ran.error)")
    return ran.output.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private static func softmax(_ logits: some Collection<Double>) -> [Double] {
    let best = logits.max() ?? 0, values = logits.map { exp($0 - best) }, sum = values.reduce(0, +)
    return values.map { $0 / sum }
  }

  @Test("fill lists the most likely residues first, at every mask", arguments: [1, 5, 30]) func fill(_ top: Int) throws
  {
    let vocabulary = try Self.vocabulary()
    let rows = try Self.run("fill", ">a\nMK<mask>VRQ<mask><mask>W\n", top == 5 ? [] : ["--top", "\(top)"]).dropFirst()
    let logits = try Self.values("esm2", "1.logits")
    let residues = vocabulary.indices.filter { vocabulary[$0].count == 1 && vocabulary[$0].allSatisfy(\.isLetter) }
    #expect(residues.count == 25)
    var expected: [[String]] = []
    for position in [3, 7, 8] {
      let chances = Self.softmax(logits[position * 33..<(position + 1) * 33])
      for (rank, id) in residues.sorted(by: { chances[$0] > chances[$1] }).prefix(top).enumerated() {
        expected.append(["a", "\(position)", "\(rank + 1)", vocabulary[id], "\(chances[id])"])
      }
    }
    #expect(rows.map { $0[..<4] } == expected.map { $0[..<4] })
    for (row, wanted) in zip(rows, expected) {
      #expect(abs((Double(row[4]) ?? .nan) - (Double(wanted[4]) ?? 0)) < printed)
    }
  }

  @Test(
    "score --all has a row for each residue and the columns in their order",
    arguments: ["masked-marginals", "wt-marginals"])
  func scan(_ method: String) throws {
    let sequence = Array("MKTVRQERLKSIVRILERSKEPVSGAQLAEELS"), vocabulary = try Self.vocabulary()
    let rows = try Self.run("score", ">wt\n\(String(sequence))\n", ["--all", "--method", method])
    let columns = Array("ACDEFGHIKLMNPQRSTVWY")
    #expect(rows[0] == ["name", "position", "residue"] + columns.map(String.init))
    let expected = try Self.values("esm2", method, of: "scores")
    #expect(rows.count == 34)
    for (index, row) in rows.dropFirst().enumerated() {
      #expect(row[..<3] == ["wt", "\(index + 1)", String(sequence[index])])
      let own = expected[index * 33..<(index + 1) * 33].map(\.self)
      let wildType = own[try #require(vocabulary.firstIndex(of: String(sequence[index])))]
      for (letter, cell) in zip(columns, row[3...]) {
        let value = own[try #require(vocabulary.firstIndex(of: String(letter)))] - wildType
        #expect(abs((Double(cell) ?? .nan) - value) < printed, "\(index) \(letter)")
      }
    }
  }

  @Test(
    "classify gives each class its probability, in the order of the labels",
    arguments: [("single-label", "0"), ("multi-label", "0"), ("regression", "0"), ("tokens", "0")])
  func classes(_ model: String, _ number: String) throws {
    let sequence = Array("MKTVRQERLKSIVRILERSK"), logits = try Self.values(model, number + ".logits")
    let config = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("family/\(model)/config.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: config) as? [String: Any])
    let isTokens = model == "tokens", count = isTokens ? logits.count / (sequence.count + 2) : logits.count
    let named = object["id2label"] as? [String: String]
    let labels = (0..<count).map { named?["\($0)"] ?? "LABEL_\($0)" }
    let table = try Self.run("classify", ">a\n\(String(sequence))\n", model: model)
    #expect(table[0] == (isTokens ? ["name", "position", "residue", "label"] : ["name", "label"]) + labels)
    #expect(table.count == (isTokens ? 21 : 2))
    for (index, row) in table.dropFirst().enumerated() {
      let start = isTokens ? (index + 1) * count : 0, own = logits[start..<start + count].map(\.self)
      let expected =
        switch model {
        case "regression": own
        case "multi-label": own.map { 1 / (1 + exp(-$0)) }
        default: Self.softmax(own)
        }
      for (cell, value) in zip(row.suffix(count), expected) { #expect(abs((Double(cell) ?? .nan) - value) < printed) }
      let best = try #require(own.indices.max { own[$0] < own[$1] })
      let label =
        switch model {
        case "regression": "NA"
        case "multi-label": zip(labels, own).filter { $1 > 0 }.map(\.0).joined(separator: ",")
        default: labels[best]
        }
      #expect(row[row.count - count - 1] == label)
      #expect(!isTokens || row[..<3] == ["a", "\(index + 1)", String(sequence[index])])
    }
  }

  @Test("contacts respects its limits, which are inclusive") func limits() throws {
    let fasta = ">a\nMKTVRQERLKSIVRILERSKEPVSGAQLAEELSLSRQ\n"
    let all = try Self.run("contacts", fasta, ["--min-probability", "0", "--min-separation", "1"]).dropFirst()
    #expect(all.count == 37 * 36 / 2)
    let probability = try #require(all.compactMap { Double($0[5]) }.sorted().dropFirst(400).first)
    let some = try Self.run("contacts", fasta, ["--min-probability", "\(probability)", "--min-separation", "3"])
    func distance(_ row: [String]) -> Int { (Int(row[2]) ?? 0) - (Int(row[1]) ?? 0) }
    // Beyond rounding to four decimals.
    let sure = all.filter { distance($0) >= 3 && (Double($0[5]) ?? 0) > probability + 1e-4 }
    let doubtful = all.filter { distance($0) >= 3 && (Double($0[5]) ?? 0) >= probability - 1e-4 }
    #expect(Set(some.dropFirst()).isSuperset(of: sure) && Set(some.dropFirst()).isSubset(of: doubtful))
    #expect(some.contains { distance($0) == 3 } && sure.count > 100 && doubtful.count < all.count)
  }

  @Test("Several files are one input: names are unique across all of them") func severalFiles() throws {
    let scratch = try ScratchFolder()
    let first = try scratch.file("a.fa", ">p\nMK\n>q\nK\n"), second = try scratch.file("b.fa", Compressed.first)
    let ran = try Binary.run(
      ["tokenize", second, "--tokens", "--no-special-tokens", "-i", first, "-", scratch.path + "/none"],
      input: Data(">p\nV\n>a\nW\n".utf8))
    #expect(ran.output == "p\tM K\nq\tK\na\tM K V L A A G I V G\np_2\tV\na_2\tW\n", "\(ran)")
    #expect(ran.status == 1 && ran.error.contains("none: cannot open: No such file or directory"))
  }

  @Test("Fields with tabs, line breaks and backslashes stay fields") func escapes() throws {
    let scratch = try ScratchFolder()
    let csv = "mutant,note\nM1A,\"tab\there\"\nK2A,\"line\nend \\ \"\"quoted\"\", comma\"\n"
    let path = try scratch.file("v.csv", csv)
    let rows = try Self.run("score", ">wt\nMKTV\n", ["--variants", path, "--method", "wt-marginals"])
    #expect(rows.map { $0[0] } == ["mutant", "M1A", "K2A"])
    #expect(rows[1][1] == "tab\\there" && rows[2][1] == "line\\nend \\\\ \"quoted\", comma")
    #expect(rows.allSatisfy { $0.count == 3 })
  }
}

@Suite(.timeLimit(minutes: 20)) struct VariantTableTests {
  private func table(_ text: String, column: String? = nil) throws(VariantTableError) -> VariantTable {
    try VariantTable(Array(text.utf8), path: "t", column: column)
  }

  @Test("Lines are counted as in an editor, also within quotes") func lines() throws {
    let table = try table("mutant,x\r\n\"A1\nB\",1\r\n\r\nC2D,\"a \"\"b\"\"\"\r\nE3F,")
    #expect(table.rows.map(\.line) == [2, 5, 6])
    #expect(table.rows.map(\.fields) == [["A1\nB", "1"], ["C2D", "a \"b\""], ["E3F", ""]])
    #expect(table.columns == ["mutant", "x"] && table.column == 0)
  }

  @Test("Tabs in the first line make a table tab-separated") func separators() throws {
    #expect(try table("a\tmutant\nx,y\tA1G\n").rows.map(\.fields) == [["x,y", "A1G"]])
    #expect(try table("mutant,a\nA1G,x\ty\n").rows.map(\.fields) == [["A1G", "x\ty"]])
  }

  @Test("The column is the named one, or the first usual name") func columns() throws {
    #expect(try table("mutation,Variant,mutant\n").column == 2)
    #expect(try table("mutation,Variant\n").column == 1)
    #expect(try table("mutation,Variant\n", column: "mutation").column == 0)
    #expect(try table("\u{FEFF}mutant,b\n").column == 0)
    #expect(throws: VariantTableError.self) { try table("a,b\n") }
    #expect(throws: VariantTableError.self) { try table("Variant\n", column: "variant") }
    #expect(throws: VariantTableError.self) { try table("") }
    #expect(throws: VariantTableError.self) { try table("mutant,b\nA1G,1,2\n") }
  }
}
