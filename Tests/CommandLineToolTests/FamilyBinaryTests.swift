// The commands of the language models as a user runs them, against the reference's values.

import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// Numbers are printed with four to six decimals, and sums of logits differ in the last digits.
private let printed = 2e-4

@Suite(.timeLimit(minutes: 20)) struct FamilyBinaryTests {
  private static let sequence = "MKTVRQERLKSIVRILERSKEPVSGAQLAEELS"
  private static func model(_ name: String) -> String { Fixtures.path("family/\(name)") }

  private static func run(
    _ command: String, _ fasta: String, _ options: [String] = [], model: String = "esm2"
  ) throws -> Binary.Ran {
    try Binary.run([command, "--model", Self.model(model)] + options, input: Data(fasta.utf8))
  }

  private static func table(_ ran: Binary.Ran) -> [[String]] {
    ran.output.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private static func scores() throws -> Safetensors {
    try Safetensors(Fixtures.path("family/esm2/scores.safetensors"))
  }

  private static func values(_ file: Safetensors, _ name: String) throws -> [Double] {
    try #require(try file.tensors().first { $0.name == name }).floats().map(Double.init)
  }

  // === score ===

  @Test("Perplexities, residues and all substitutions", arguments: ["masked-marginals", "wt-marginals"])
  func scores(_ method: String) throws {
    let expected = try Self.values(try Self.scores(), method)
    let fasta = ">wt\n\(Self.sequence)\n>mask\nM<mask>T\n"
    let residues = Self.table(try Self.run("score", fasta, ["--per-residue", "--method", method]))
    #expect(residues.count == 1 + 33 + 3 && residues[0] == ["name", "position", "residue", "log_likelihood"])
    let ids = Dictionary(uniqueKeysWithValues: zip("LAGVSERTIDPKQNFYMHWC", 4...))
    var sum = 0.0
    for (row, letter) in Self.sequence.enumerated() {
      let value = expected[row * 33 + (ids[letter] ?? 0)]
      sum += value
      #expect(residues[row + 1][..<3] == ["wt", "\(row + 1)", String(letter)])
      #expect(abs((Double(residues[row + 1][3]) ?? .nan) - value) < printed)
    }
    let whole = Self.table(try Self.run("score", fasta, ["--method", method]))
    #expect(whole.map { $0[0] } == ["name", "wt", "mask"] && whole[1][1...2] == ["33", method])
    #expect(abs((Double(whole[1][3]) ?? .nan) - sum / 33) < printed)
    #expect(abs((Double(whole[1][4]) ?? .nan) / exp(-sum / 33) - 1) < printed)
    let all = Self.table(try Self.run("score", fasta, ["--all", "--method", method]))
    #expect(all[0].count == 23 && all.count == 1 + 33 + 3)
    #expect(all[1][0...2] == ["wt", "1", "M"] && all[1][13] == "0.00000" && all[35][3...].allSatisfy { $0 == "NA" })
    let difference = expected[ids["A"] ?? 0] - expected[ids["M"] ?? 0]
    #expect(abs((Double(all[1][3]) ?? .nan) - difference) < printed)
  }

  @Test("Variants from the command line and from tables", arguments: ["masked-marginals", "wt-marginals", "pseudo-ll"])
  func variants(_ method: String) throws {
    let file = try Self.scores()
    let expected = try Self.values(file, "scores.\(method)")
    let variants = try #require(file.metadata["variants"]).split(separator: " ").map(String.init)
    let fasta = ">wt\n\(Self.sequence)\n"
    let listed = try Self.run("score", fasta, ["--method", method, "--variant", variants.joined(separator: ",")])
    #expect(listed.status == 0 && Self.table(listed).map { $0[0] } == ["variant"] + variants)
    for (row, value) in zip(Self.table(listed).dropFirst(), expected) {
      #expect(abs((Double(row[1]) ?? .nan) - value) < 1e-3)
    }
    let scratch = try ScratchFolder()
    let csv = "id,Mutant,\"a \"\"note\"\"\"\r\n" + variants.map { "1,\"\($0)\",\"x, y\"\r\n" }.joined()
    let path = try scratch.file("dms.csv", csv)
    let fromTable = Self.table(try Self.run("score", fasta, ["--method", method, "--variants", path]))
    #expect(fromTable[0] == ["id", "Mutant", "a \"note\"", "score"] && fromTable[1][2] == "x, y")
    #expect(fromTable.dropFirst().map { $0[3] } == Self.table(listed).dropFirst().map { $0[1] })
  }

  @Test("A wrong offset is recognised; other mistakes are reported with their positions") func wrongVariants() throws {
    let fasta = ">wt\n\(Self.sequence)\n"
    let shifted = try Self.run("score", fasta, ["--variant", "M21A,K22R:T23A"])
    #expect(shifted.status == 1 && shifted.error.contains("residue 21: found E in the sequence, expected the M"))
    #expect(shifted.error.contains("with --offset 21 all 2 of them fit"))
    #expect(try Self.run("score", fasta, ["--variant", "M21A,K22R:T23A", "--offset", "21"]).status == 0)
    let mixed = try Self.run("score", fasta, ["--variant", "M1A,A1M,M99A,foo"])
    #expect(mixed.status == 1 && Self.table(mixed).map { $0[1] == "NA" } == [false, false, true, true, true])
    #expect(mixed.error.contains("found number 99, expected 1 to 33") && mixed.error.contains("found \"foo\""))
    // The mismatched letter is that of the substitution, not the first of the variant; an extreme number is just
    // wrong, and a letter outside every vocabulary is not scored as <unk>.
    let second = try Self.run("score", fasta, ["--variant", "M1A:A2R,K-9223372036854775808A,M1J"])
    #expect(second.status == 1 && Self.table(second).dropFirst().allSatisfy { $0[1] == "NA" })
    #expect(second.error.contains("residue 2: found K in the sequence, expected the A of the variant"))
    #expect(second.error.contains("residue 1: found J, expected a residue of the model's vocabulary"))
    #expect(second.error.contains("found number -9223372036854775808, expected 1 to 33"))
    let two = try Self.run("score", fasta + ">other\nMKT\n", ["--variant", "M1A"])
    #expect(two.status == 1 && two.error.contains("record \"other\": variants: found a second sequence"))
    let none = try Self.run("score", fasta, ["--method", "pseudo-ll"])
    #expect(none.status == 2 && none.error.contains("expected --variant"))
    let scratch = try ScratchFolder()
    let path = try scratch.file("dms.tsv", "name\tscore\nM1A\t1\n")
    let column = try Self.run("score", fasta, ["--variants", path])
    #expect(column.status == 1 && column.error.contains("found name, score, expected mutant or variant or mutation"))
    let ragged = try scratch.file("ragged.csv", "mutant,x\nM1A,1\nM1C\n")
    #expect(
      try Self.run("score", fasta, ["--variants", ragged]).error.contains("ragged.csv:3: fields: found 1, expected 2"))
    let head = try Self.run("score", fasta, model: "esm1v")
    #expect(head.status == 1 && head.error.contains("found no masked-language head"))
  }

  // === contacts, fill, classify, tokenize ===

  @Test("Pairs with the reference's probabilities") func contacts() throws {
    let file = try Safetensors(Fixtures.path("family/esm2/goldens.safetensors"))
    let ids = try #require(file.metadata["0.tokens"]).split(separator: " ").compactMap { Int($0) }
    let expected = try Self.values(file, "0.contacts")
    let letters = Array("LAGVSERTIDPKQNFYMHWC"), n = ids.count - 2
    let sequence = String(ids[1...n].map { letters[$0 - 4] })
    let ran = try Self.run("contacts", ">a\n\(sequence)\n", ["--min-probability", "0", "--min-separation", "1"])
    let rows = Self.table(ran)
    #expect(ran.status == 0 && rows[0] == ["name", "i", "j", "residue_i", "residue_j", "probability"])
    #expect(rows.count == 1 + n * (n - 1) / 2)
    for row in rows.dropFirst() {
      let i = try #require(Int(row[1])), j = try #require(Int(row[2]))
      #expect(abs((Double(row[5]) ?? .nan) - expected[(i - 1) * n + j - 1]) < printed)
      #expect(row[3] == String(letters[ids[i] - 4]) && row[4] == String(letters[ids[j] - 4]))
    }
    let far = Self.table(try Self.run("contacts", ">a\n\(sequence)\n"))
    let kept = rows.dropFirst().filter { (Int($0[2]) ?? 0) - (Int($0[1]) ?? 0) >= 6 && (Double($0[5]) ?? 0) >= 0.5 }
    #expect(Array(far.dropFirst()) == Array(kept))
  }

  @Test("The residues at a mask") func fill() throws {
    let rows = Self.table(try Self.run("fill", ">a\nMK<mask>VRQ<mask><mask>W\n>b\nMK\n", ["-k", "2"]))
    #expect(rows[0] == ["name", "position", "rank", "residue", "probability"])
    #expect(rows.dropFirst().map { $0[1] + "." + $0[2] } == ["3.1", "3.2", "7.1", "7.2", "8.1", "8.2"])
    let file = try Safetensors(Fixtures.path("family/esm2/goldens.safetensors"))
    let logits = try Self.values(file, "1.logits")[3 * 33..<4 * 33].map { exp($0) }
    let best = try #require(logits.max())
    #expect(abs((Double(rows[1][4]) ?? .nan) - best / logits.reduce(0, +)) < printed)
    let none = try Self.run("fill", ">b\nMK\n")
    #expect(none.status == 0 && none.error.contains("found no <mask>"))
  }

  @Test("Classes as a table and as JSON", arguments: ["regression", "single-label", "multi-label", "tokens"])
  func classify(_ name: String) throws {
    struct Line: Decodable {
      let name: String
      let logits: [Value]
      let probabilities: [Value]?
      let label: Label?
    }
    enum Value: Decodable {
      case number(Double), list([Double])
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = try (try? container.decode(Double.self)).map { .number($0) } ?? .list(container.decode([Double].self))
      }
      var all: [Double] {
        switch self {
        case .number(let number): [number];
        case .list(let list): list
        }
      }
    }
    enum Label: Decodable {
      case one(String), several([String])
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = try (try? container.decode(String.self)).map { .one($0) } ?? .several(container.decode([String].self))
      }
    }
    let fasta = ">a \"b\"\n\("MKTVRQERLKSIVRILERSK")\n"
    let ran = try Self.run("classify", fasta, ["--format", "json"], model: name)
    let line = try JSONDecoder().decode(Line.self, from: Data(ran.output.utf8))
    let expected = try Self.values(try Safetensors(Fixtures.path("family/\(name)/goldens.safetensors")), "0.logits")
    let logits = line.logits.flatMap(\.all)
    // Rows of <cls> and <eos> are not in the result.
    let rows = name == "tokens" ? Array(expected.dropFirst(3).dropLast(3)) : expected
    #expect(line.name == "a" && logits.count == rows.count)
    for (x, y) in zip(logits, rows) { #expect(abs(x - y) < printed) }
    let sum = line.probabilities?.flatMap(\.all).reduce(0, +)
    switch name {
    case "regression": #expect(line.probabilities == nil && line.label == nil)
    case "single-label": #expect(abs((sum ?? 0) - 1) < 1e-5)
    case "multi-label": #expect(abs((sum ?? 0) - rows.reduce(0) { $0 + 1 / (1 + exp(-$1)) }) < 1e-4)
    default: #expect(abs((sum ?? 0) - 20) < 1e-4)
    }
    let table = Self.table(try Self.run("classify", fasta, model: name))
    #expect(table.count == (name == "tokens" ? 21 : 2) && table.allSatisfy { $0.count == table[0].count })
    #expect(try Self.run("classify", fasta, model: "esm2").error.contains("found no classifier"))
  }

  @Test("Tokens to ids and back") func tokenize() throws {
    let fasta = ">a\nMKT<mask>YIAJ\n"
    let ids = try Binary.run(["tokenize"], input: Data(fasta.utf8))
    #expect(ids.status == 0 && ids.output == "a\t0 20 15 11 32 19 12 5 3 2\n" && ids.error.contains("read as <unk>"))
    let bare = try Binary.run(["tokenize", "--no-special-tokens", "--tokens", "-q"], input: Data(fasta.utf8))
    #expect(bare.output == "a\tM K T <mask> Y I A <unk>\n")
    let back = try Binary.run(["tokenize", "--decode"], input: Data(ids.output.utf8))
    #expect(back.output == "a\t<cls> M K T <mask> Y I A <unk> <eos>\n")
    let wrong = try Binary.run(["tokenize", "--decode"], input: Data("a\t0 99\nb\t4\n".utf8))
    #expect(wrong.status == 1 && wrong.output == "b\tL\n" && wrong.error.contains("found \"99\", expected 0 to 32"))
    let scratch = try ScratchFolder()
    // With commas.
    let table = scratch.path + "/t.csv"
    #expect(try Binary.run(["tokenize", "-q", "-o", table], input: Data(">b\nMKT\n".utf8)).status == 0)
    #expect(try Binary.run(["tokenize", "--decode", table]).output == "b\t<cls> M K T <eos>\n")
    let list = try Binary.run(["tokenize", "--decode"], input: Data("0,20,15\n".utf8))
    #expect(list.status == 1 && list.error.contains("found \"0,20,15\""))
    #expect(try Binary.run(["tokenize", "--save-vocabulary", scratch.path + "/vocab.txt"]).status == 0)
    #expect(
      FileManager.default.contentsEqual(
        atPath: scratch.path + "/vocab.txt", andPath: Fixtures.path("family/tokenizer/standard-vocab.txt")))
  }

  @Test("A result file is either complete or absent", arguments: ["score", "contacts", "fill"])
  func files(_ command: String) throws {
    let scratch = try ScratchFolder()
    let input = try scratch.file("a.fasta", ">a\nMK<mask>VRQ\n>b\nMKTVRQER\n")
    let model = ["--model", Self.model("esm2")]
    let toFile = try Binary.run([command, input, "-o", scratch.path + "/t.tsv"] + model)
    #expect(toFile.status == 0 && toFile.output.isEmpty)
    #expect(try Binary.run([command, input] + model).output == scratch.text("t.tsv"))
    let onInput = try Binary.run([command, input, "-o", input] + model)
    #expect(onInput.status == 1 && onInput.error.contains("the output is also an input"))
    #expect(try Binary.run([command, input, "-o", scratch.path] + model).status == 1)
    #expect(scratch.names("") == ["a.fasta", "t.tsv"])
  }
}
