// Likelihoods and scores of variants against the reference.

import ESMFoldKit
import Glibc
import TestSupport
import Testing
import Weights

/// For natural logarithms of logits that are summed in a different order.
private let tolerance: Float = 1e-4
/// A pseudo-log-likelihood is a sum over a few dozen residues.
private let sumTolerance = 1e-3

@Suite("Scores") struct ScoringTests {
  /// The reference's values for a sequence that fits into a batch with each position masked, and for one that does not.
  struct Golden: Sendable {
    let values: [String: [Float]], sequence: String, variants: [Variant]

    init(_ name: String) throws {
      let file = try Safetensors(Fixtures.path("family/esm2/\(name).safetensors"))
      values = try file.allValues()
      sequence = try #require(file.metadata["sequence"])
      variants = try #require(file.metadata["variants"]).split(separator: " ").map { try Variant(String($0)) }
    }
  }
  static let names = ["scores", "long-scores"]
  private let model: ESM

  init() throws { model = try FamilyGolden.model("esm2") }

  @Test("Log-probabilities of every residue", arguments: ESM.Marginals.allCases, names)
  func logProbabilities(_ marginals: ESM.Marginals, _ name: String) throws {
    let golden = try Golden(name), count = golden.sequence.count, tokens = model.tokenizer.encode(golden.sequence)
    var shares: [Double] = []
    let found = try model.logProbabilities(of: tokens, marginals) { shares.append($0) }
    #expect(found.rows == count)
    let closeness = Closeness(found.values, golden.values[marginals.rawValue] ?? [])
    #expect(closeness.maximum <= tolerance, "\(closeness)")
    #expect(marginals == .wildType || (shares.last == 1 && shares == shares.sorted() && shares[0] > 0), "\(shares)")
    let some = try model.logProbabilities(of: tokens, marginals, positions: [count - 1, 0])
    #expect(Array(some.row(0)) == Array(found.row(count - 1)) && Array(some.row(1)) == Array(found.row(0)))
    // A reading with logits gives the same as one pass over the sequence.
    if marginals == .wildType {
      let reading = try model.read([tokens], ESM.Wanted(logits: true))[0]
      #expect(model.logProbabilities(of: reading) == found)
      #expect(model.logProbabilities(of: try model.read([tokens], ESM.Wanted())[0]) == nil)
    }
  }

  @Test("Scores of variants, including the last residue's", arguments: ESM.VariantScore.allCases, names)
  func variantScores(_ score: ESM.VariantScore, _ name: String) throws {
    let golden = try Golden(name)
    let placed = try golden.variants.map { try $0.placed(in: Array(golden.sequence)) }
    let found = try model.score(placed, of: model.tokenizer.encode(golden.sequence), score)
    let expected = try #require(golden.values["scores.\(score.rawValue)"])
    #expect(found.count == expected.count)
    for (x, y) in zip(found, expected) { #expect(abs(x - Double(y)) <= sumTolerance) }
  }

  @Test("Variants that are no substitutions, alone and among others", arguments: ESM.VariantScore.allCases)
  func indels(_ score: ESM.VariantScore) throws {
    let file = try Safetensors(Fixtures.path("family/esm2/indels.safetensors")), values = try file.allValues()
    let sequence = try #require(file.metadata["sequence"]), letters = Array(sequence)
    func words(_ key: String) -> [String] { (file.metadata[key] ?? "").split(separator: " ").map(String.init) }
    let placed = try words("variants").map { try Variant($0).placed(in: letters) }
    #expect(placed.count == 13 && placed.map { String($0.applied(to: letters)) } == words("changed"))
    #expect(placed.allSatisfy { !$0.isSubstitution })
    #expect(placed.map(\.growth) == words("changed").map { $0.count - sequence.count })
    let tokens = model.tokenizer.encode(sequence)
    var shares: [Double] = []
    let found = try model.score(placed, of: tokens, score) { shares.append($0) }
    let expected = try #require(values[score == .pseudoLikelihood ? "scores.masked" : "scores.unmasked"])
    #expect(found.count == expected.count && shares == shares.sorted() && shares.last == 1)
    for (x, y) in zip(found, expected) { #expect(abs(x - Double(y)) <= sumTolerance) }
    // Beside substitutions each keeps its own kind of score, and what changes nothing has none.
    let golden = try Golden("scores")
    let substitutions = try #require(golden.values["scores.\(score.rawValue)"])
    let mixed = try [placed[3], golden.variants[1].placed(in: letters), Variant("p.=").placed(in: letters), placed[0]]
    let both = try model.score(mixed, of: tokens, score)
    for (x, y) in zip(both, [expected[3], substitutions[1], 0, expected[0]]) {
      #expect(abs(x - Double(y)) <= sumTolerance)
    }
    #expect(both[2] == 0 && expected[0] != expected[3])
    // Without <cls> and <eos> the first token is a residue.
    let bare = Array(tokens.dropFirst().dropLast())
    let alone = try model.score([placed[9]], of: bare, score)[0]
    let changed = Array(model.tokenizer.encode(words("changed")[9]).dropFirst().dropLast())
    let marginals: ESM.Marginals = score == .pseudoLikelihood ? .masked : .wildType
    let sums = try [changed, bare].map { try model.logLikelihoods(of: $0, marginals).reduce(0) { $0 + Double($1) } }
    #expect(abs(alone - (sums[0] - sums[1])) < 1e-5)
  }

  @Test("The pseudo-perplexity is exp of minus the mean masked log-likelihood") func perplexity() throws {
    let golden = try Golden("scores"), tokens = model.tokenizer.encode(golden.sequence)
    let likelihoods = try model.logLikelihoods(of: tokens)
    let table = try #require(golden.values["masked-marginals"])
    let expected = likelihoods.indices.map { table[$0 * 33 + tokens[$0 + 1]] }
    #expect(Closeness(likelihoods, expected).maximum <= tolerance)
    let wildType = try #require(golden.values["wt-marginals"])
    #expect(
      Closeness(
        try model.logLikelihoods(of: tokens, .wildType), likelihoods.indices.map { wildType[$0 * 33 + tokens[$0 + 1]] }
      ).maximum <= tolerance)
    // Without <cls> and <eos> the first token is a residue.
    let bare = Array(tokens.dropFirst().dropLast())
    let rows = try model.logProbabilities(of: bare, .masked)
    #expect(try model.logLikelihoods(of: bare) == bare.indices.map { rows[$0, bare[$0]] })
    let first = try model.logProbabilities(of: bare, .wildType, positions: [0])
    let logits = try #require(try model.read([bare], ESM.Wanted(logits: true))[0].logits).row(0).map(Double.init)
    #expect(abs(Double(first[0, 5]) - (logits[5] - log(logits.reduce(0) { $0 + exp($1) }))) < Double(tolerance))
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
    // All letters, each with its share of all 33 tokens, and nothing else.
    for (filling, row) in zip(model.fill(reading, top: 40), masks) {
      let all = logits[row * 33..<(row + 1) * 33].map(Double.init), sum = all.reduce(0) { $0 + exp($1) }
      #expect(filling.residues.map(\.token).sorted() == "LAGVSERTIDPKQNFYMHWCXBUZO".map(String.init).sorted())
      #expect(filling.residues.map(\.probability) == filling.residues.map(\.probability).sorted(by: >))
      for (token, probability) in filling.residues {
        #expect(abs(Double(probability) - exp(all[model.tokenizer.id(of: token)]) / sum) < 1e-4, "\(token)")
      }
    }
    let bare = try model.read([[20, 32, 15]], ESM.Wanted(logits: true))[0]
    #expect(model.fill(bare, top: 1).map(\.position) == [1])
    #expect(model.fill(try model.read([golden.tokens], ESM.Wanted())[0], top: 1).isEmpty)
  }
}
