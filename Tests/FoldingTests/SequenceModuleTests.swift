// The modules that update the single state, and the inputs of a pass, against their scalar twins.

import Folding
import Protein
import Tensors
import TestSupport
import Testing
import Weights

@Suite("Sequence modules") struct SequenceModuleTests {
  private let configuration = ModuleSetting.configuration

  init() { Buffer.isPoisoned = true }

  private func attentionWeights() -> RandomWeights {
    var weights = RandomWeights(seed: 31)
    weights.addSequenceAttention(configuration)
    return weights
  }

  @Test("Pair bias", arguments: ModuleSetting.lengths) func pairBias(_ length: Int) throws {
    let weights = attentionWeights(), setting = ModuleSetting(length: length, seed: 110)
    let byPair = ScalarModules(weights: weights, length: length).pairBias(setting.zRows)
    let byHead = (0..<configuration.sequenceHeads).map { head in byPair.map { $0[head] } }
    try setting.expect(byHead, Tolerances()) { precision, work, threads in
      try SequenceAttention(weights.scope, configuration: configuration, precision: precision)
        .pairBias(work.z, work: work, threads: threads).values
    }
  }

  @Test("Sequence attention", arguments: ModuleSetting.lengths) func attention(_ length: Int) throws {
    let weights = attentionWeights(), setting = ModuleSetting(length: length, seed: 111)
    try setting.expectSequenceAttention(weights)
  }

  @Test("Sequence transition", arguments: ModuleSetting.lengths) func transition(_ length: Int) throws {
    let cS = configuration.sequenceWidth
    var weights = RandomWeights(seed: 32)
    weights.addTransition(cS)
    let setting = ModuleSetting(length: length, seed: 112)
    let twin = ScalarModules(weights: weights, length: length).transition(setting.sRows)
    try setting.expect(twin, before: setting.s, Tolerances()) { precision, work, threads in
      try SequenceTransition(weights.scope, cS: cS, precision: precision).add(to: work.s, work: work, threads: threads)
      return work.s.values
    }
  }

  // === Before the blocks ===

  /// s0 + norm(s), and norm(z) with the embeddings of distance bins and relative positions.
  @Test("Recycling", arguments: ModuleSetting.lengths, [false, true])
  func recycling(_ length: Int, _ hasPositions: Bool) throws {
    let cS = configuration.sequenceWidth, cZ = configuration.pairWidth, bins = configuration.positionBins
    var weights = RandomWeights(seed: 33)
    weights.addNorm("recycle_s_norm", cS)
    weights.addNorm("recycle_z_norm", cZ)
    weights.add("recycle_disto.weight", [15, cZ])
    weights.add("pairwise_positional_embedding.embedding.weight", [2 * bins + 2, cZ])
    let setting = ModuleSetting(length: length, seed: 113)
    var random = RandomNumbers(seed: 114)
    let s0 = random.floats(length * cS)
    let carbons = (0..<length).map { _ in SIMD3<Float>(random.floats(3, in: -12...12)) }
    // A gap, as between chains.
    let index = (0..<length).map { $0 < length / 2 ? $0 : $0 + 3 }
    // The 14 boundaries are 18/13 Å apart, starting at 3.375 Å.
    func bin(_ i: Int, _ j: Int) -> Int {
      let d = SIMD3<Double>(carbons[i]) - SIMD3<Double>(carbons[j]), distance = (d * d).sum().squareRoot()
      return hasPositions ? (0..<14).filter { distance > 3.375 + Double($0) * 18 / 13 }.count : 0
    }
    let distogram = ModuleSetting.rows(weights["recycle_disto.weight"].map(Float.init), 15)
    let positions = ModuleSetting.rows(
      weights["pairwise_positional_embedding.embedding.weight"].map(Float.init), 2 * bins + 2)
    let z = (0..<length * length).map { pair -> [Double] in
      let (i, j) = (pair / length, pair % length)
      let offset = max(-bins, min(bins, index[j] - index[i])) + bins + 1
      let terms = [weights.norm("recycle_z_norm", setting.zRow(pair)), distogram[bin(i, j)], positions[offset]]
      return (0..<cZ).map { c in terms.reduce(0) { $0 + $1[c] } }
    }
    let s = zip(setting.sRows, ModuleSetting.rows(s0, length)).map { s, s0 in
      zip(weights.norm("recycle_s_norm", s), s0).map { $0 + $1 }
    }
    try setting.expect(s + z, Tolerances()) { _, work, threads in
      work.s0.pointer.update(from: s0, count: s0.count)
      try Recycling(weights.scope, configuration: configuration).prepare(
        betaCarbons: hasPositions ? carbons : nil, residueIndex: index, work: work, threads: threads)
      return work.s.values + work.z.values
    }
  }

  /// s0 = mlp(Σ softmax(combine)_i h_i) + embedding(residue), of one protein among several.
  @Test("Input embedder", arguments: [1, 2, 97], [(true, false), (false, false), (true, true)])
  func embedder(_ length: Int, _ options: (embedsResidues: Bool, ablatesSequence: Bool)) throws {
    let cS = configuration.sequenceWidth, width = 7, states = 4
    var weights = RandomWeights(seed: 34)
    weights.add("esm_s_combine", [states], in: -2...2)
    weights.addNorm("esm_s_mlp.0", width)
    weights.addLinear("esm_s_mlp.1", width, cS)
    weights.addLinear("esm_s_mlp.3", cS, cS)
    weights.add("embedding.weight", [23, cS])
    let setting = ModuleSetting(length: length, seed: 115)
    var random = RandomNumbers(seed: 116)
    // Rows of other proteins come before and after; the first and last rows are framing tokens.
    let before = 3, tokens = before + length + 2 + 4
    let layers = (0..<states).map { _ in random.floats(tokens * width) }
    let residues = (0..<length).compactMap { ResidueType(index: $0 % 21) }

    let shares = ScalarModules.softmax(weights["esm_s_combine"])
    let twin = residues.enumerated().map { i, residue -> [Double] in
      let combined = (0..<width).map { (c: Int) -> Double in
        guard !options.ablatesSequence else { return 0 }
        let place = (before + 1 + i) * width + c
        return (0..<states).reduce(Double(0)) { (sum: Double, k: Int) in sum + shares[k] * Double(layers[k][place]) }
      }
      let hidden = weights.linear("esm_s_mlp.1", weights.norm("esm_s_mlp.0", combined)).map { max($0, 0) }
      let s = weights.linear("esm_s_mlp.3", hidden), row = residue.index * cS
      return (0..<cS).map { s[$0] + (options.embedsResidues ? weights["embedding.weight"][row + $0] : 0) }
    }
    var folding = try ModuleSetting.foldingConfiguration()
    folding.embedsResidues = options.embedsResidues
    folding.ablatesSequence = options.ablatesSequence
    let embedder = try InputEmbedder(weights.scope, states: states, stateWidth: width, configuration: folding)
    setting.expect(twin, Tolerances()) { _, work, threads in
      let combined = Tensor<2>(zeros: [length, width])
      for (index, layer) in layers.enumerated() {
        embedder.accumulate(index, Tensor([tokens, width], layer), rows: before..<before + length + 2, into: combined)
      }
      embedder.embed(combined, residues, work: work, threads: threads)
      return work.s0.values
    }
  }
}
