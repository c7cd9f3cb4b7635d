// Sequences of 131, 300 and 1024 tokens against the reference: the second and later blocks, tiles and panels of every step.

import ESMFoldKit
import Tensors
import TestSupport
import Testing

/// Float32 sums in a different order through three layers, relative to a tensor's largest magnitude; the reference is
/// itself within 2.3e-6 of its float64 version.
private let tolerance: Float = 2e-5
/// The root mean square of a tensor's differences over that of its values, with operands of 8 significant bits through three
/// layers. Observed: 0.0052 for states and logits, 0.0071 for attention weights, 0.0011 for contacts; half as much is
/// added for other kernels. A softmax that misses a sixth of its keys exceeds all three.
private let bf16Tolerance: Float = 0.008, bf16MapTolerance: Float = 0.011, bf16ContactTolerance: Float = 0.0017

@Suite("Parity of long sequences") struct LongFamilyParityTests {
  static let names = [
    "esm2", "untied", "regression", "single-label", "multi-label", "tokens", "esm1b-long", "esm1v-long", "esm2-wide",
  ]

  @Test("Rows and sums of every state, map, contact, logit and pooled value", arguments: names)
  func values(_ name: String) throws {
    let model = try FamilyGolden.model(name), goldens = try FamilyGolden(long: name).cases
    #expect(goldens.map(\.tokens.count).starts(with: [131, 300]))
    for golden in goldens {
      let found = Summary.all(
        of: try model.read([golden.tokens], wanted(golden, model))[0].byName, tokens: golden.tokens.count)
      for (key, expected) in golden.values {
        let closeness = Closeness(try #require(found[key], "\(name): no \(key)"), expected)
        #expect(closeness.isWithin(relative: tolerance), "\(name), \(golden.tokens.count) tokens, \(key): \(closeness)")
      }
    }
  }

  /// Everything that is stored for a case: there are no maps for 1024 tokens.
  private func wanted(_ golden: FamilyGolden.Case, _ model: ESM) -> ESM.Wanted {
    var wanted = model.everything
    wanted.contacts = golden.values.keys.contains { $0.hasPrefix("contacts") }
    wanted.attentions = golden.values.keys.contains { $0.hasPrefix("attentions") }
    return wanted
  }

  @Test("The same in bfloat16, as close as its eight bits allow", arguments: ["esm2", "esm1b-long", "esm2-wide"])
  func bf16(_ name: String) throws {
    let model = try FamilyEncoder(name, .bfloat16)
    for golden in try FamilyGolden(long: name).cases {
      let found = Summary.all(of: model.read([golden.tokens])[0], tokens: golden.tokens.count)
      for (key, expected) in golden.values {
        let values = try #require(found[key], "\(name): no \(key)")
        let distance = relativeDistance(values, expected)
        let limit =
          key.hasPrefix("attentions")
          ? bf16MapTolerance : key.hasPrefix("contacts") ? bf16ContactTolerance : bf16Tolerance
        #expect(distance <= limit, "\(name), \(golden.tokens.count) tokens, \(key): \(distance)")
      }
    }
  }

  /// √(Σ (x − y)² / Σ y²).
  private func relativeDistance(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    let pairs = zip(found, expected).map { (Double($0), Double($1)) }
    let differences = pairs.reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return differences == 0 ? 0 : Float((differences / pairs.reduce(0.0) { $0 + $1.1 * $1.1 }).squareRoot())
  }

  @Test(
    "Long and short sequences in a batch are bit-identical to sequences alone",
    .needsOwnSums, arguments: names)
  func together(_ name: String) throws {
    let short = [[0, 20, 2], [0, 5, 32, 7, 9, 2], [11]]
    let long = try FamilyGolden(long: name).cases.map(\.tokens).prefix(2)
    let sequences = [short[0], long[0], short[1], long[1], short[2]]
    for precision in Precision.allCases {
      let model = try FamilyEncoder(name, precision)
      for (sequence, reading) in zip(sequences, model.read(sequences)) {
        let alone = model.read([sequence], threads: 1)[0]
        #expect(alone == reading, "\(name), \(precision), \(sequence.count) tokens")
      }
    }
  }

  @Test("A model with 1024 learned positions reads 1024 tokens and no more") func limit() throws {
    let model = try FamilyGolden.model("esm1v-long")
    #expect(model.description.maximumTokens == 1024)
    let tokens = [Int](repeating: 5, count: 1025)
    #expect(throws: ModelError.self) { try model.read([tokens], ESM.Wanted(layers: [3])) }
    #expect(try FamilyGolden(long: "esm1v-long").cases.last?.tokens.count == 1024)
    // The last of them uses the last row of the table; in the goldens a <pad> has no position of its own.
    let state = try #require(try model.read([Array(tokens.dropLast())], ESM.Wanted(layers: [0]))[0].representations[0])
    let source = try ChangedModel("esm1v-long")
    let words = try source.tensor("embeddings.word_embeddings.weight").floats()
    let positions = try source.tensor("embeddings.position_embeddings.weight").floats()
    let width = 24, dropout: Float = 0.88
    let word = words[5 * width..<6 * width], position = positions[1025 * width..<1026 * width]
    let expected = zip(word, position).map { (a: Float, b: Float) -> Float in a * dropout + b }
    #expect(Closeness(Array(state.row(1023)), expected).isWithin(relative: tolerance))
  }
}
