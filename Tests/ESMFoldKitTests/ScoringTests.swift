// Likelihoods and scores of variants against the reference's.

import ESMFoldKit
import Glibc
import TestSupport
import Testing
import Weights

/// On natural logarithms, whose logits are sums in another order.
private let tolerance: Float = 1e-4
/// A pseudo-log-likelihood is a sum over some tens of residues.
private let sumTolerance = 1e-3

@Suite("Scores") struct ScoringTests {
  private let values: [String: [Float]]
  private let sequence: String
  private let variants: [Variant]
  private let model: ESM

  init() throws {
    let file = try Safetensors(Fixtures.path("family/esm2/scores.safetensors"))
    values = try file.allValues()
    sequence = try #require(file.metadata["sequence"])
    variants = try #require(file.metadata["variants"]).split(separator: " ").map { try Variant(String($0)) }
    model = try FamilyGolden.model("esm2")
  }

  @Test("Log-probabilities of every residue", arguments: ESM.Marginals.allCases)
  func logProbabilities(_ marginals: ESM.Marginals) throws {
    let found = try model.logProbabilities(of: model.tokenizer.encode(sequence), marginals)
    #expect(found.rows == sequence.count)
    let closeness = Closeness(found.values, values[marginals.rawValue] ?? [])
    #expect(closeness.maximum <= tolerance, "\(closeness)")
    let some = try model.logProbabilities(of: model.tokenizer.encode(sequence), marginals, positions: [32, 0])
    #expect(Array(some.row(0)) == Array(found.row(32)) && Array(some.row(1)) == Array(found.row(0)))
  }

  @Test("Scores of variants, the last residue's too", arguments: ESM.VariantScore.allCases)
  func variantScores(_ score: ESM.VariantScore) throws {
    let placed = try variants.map { ($0, try $0.positions(in: Array(sequence))) }
    let found = try model.score(placed, of: model.tokenizer.encode(sequence), score)
    let expected = try #require(values["scores.\(score.rawValue)"])
    #expect(found.count == expected.count)
    for (x, y) in zip(found, expected) { #expect(abs(x - Double(y)) <= sumTolerance) }
  }

  @Test("The pseudo-perplexity is exp of minus the mean of masked likelihoods") func perplexity() throws {
    let tokens = model.tokenizer.encode(sequence)
    let likelihoods = try model.logLikelihoods(of: tokens)
    let table = try #require(values["masked-marginals"])
    let expected = likelihoods.indices.map { table[$0 * 33 + tokens[$0 + 1]] }
    #expect(Closeness(likelihoods, expected).maximum <= tolerance)
    #expect(abs(ESM.perplexity(-1.5) - 4.48168907) < 1e-8)
  }

  @Test("The residues at a mask are those of the reference's logits") func filling() throws {
    let golden = try #require(try FamilyGolden("esm2").cases.first { $0.tokens.contains(32) })
    let reading = try model.read([golden.tokens], ESM.Wanted(logits: true))[0]
    let fillings = model.fill(reading, top: 3)
    let masks = golden.tokens.indices.filter { golden.tokens[$0] == 32 }
    #expect(fillings.map(\.position) == masks.map { $0 - 1 })
    let logits = try #require(golden.values["logits"])
    for (filling, row) in zip(fillings, masks) {
      let all = logits[row * 33..<(row + 1) * 33].map(Double.init)
      // Ids 4 to 28 are the letters of the vocabulary.
      let best = (4...28).max { all[$0] < all[$1] } ?? 0
      let sum = all.reduce(0) { $0 + exp($1 - all[best]) }
      #expect(filling.residues.count == 3 && filling.residues[0].token == model.tokenizer.token(of: best))
      #expect(abs(Double(filling.residues[0].probability) - 1 / sum) < 1e-4)
      #expect(filling.residues[0].probability >= filling.residues[1].probability)
    }
  }
}

@Suite("Variants") struct VariantTests {
  @Test("Substitutions, one or several, in either case") func parsing() throws {
    #expect(try Variant("A24G").substitutions == [.init(wildType: "A", number: 24, mutant: "G")])
    #expect(try Variant("a24g:k-3r").description == "A24G:K-3R")
  }

  @Test(
    "What is no variant",
    arguments: [
      "", "A", "24", "AG", "A24", "24G", "A2.4G", "A24G:", ":", "A24G K30R", "Å24G",
      "A99999999999999999999G", "A1G:A1C",
    ])
  func malformed(_ text: String) {
    #expect(throws: VariantError.self) { try Variant(text) }
  }

  @Test("Places count from the first residue's number") func positions() throws {
    let sequence = Array("MKTA")
    #expect(try Variant("M1A:A4G").positions(in: sequence) == [0, 3])
    #expect(try Variant("M0A:A3G").positions(in: sequence, offset: 0) == [0, 3])
    #expect(try Variant("M21A").positions(in: sequence, offset: 21) == [0])
    for (text, offset) in [("M0A", 1), ("A5G", 1), ("K1R", 1), ("M1A", 2), ("M1A", Int.min), ("M1A", Int.max)] {
      #expect(throws: VariantError.self, "\(text), \(offset)") {
        try Variant(text).positions(in: sequence, offset: offset)
      }
    }
  }
}
