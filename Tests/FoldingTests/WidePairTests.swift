// Modules of a trunk whose pairs are wider than its single states, against their scalar twins.

import Folding
import Tensors
import Testing

/// c_z > 3 c_s and more heads over pairs than over the sequence: the buffers that sequence and pairs share are as large as
/// the pairs need. In bfloat16 heads of width one need twice the space of the triangle products' operands.
@Suite("Wide pairs") struct WidePairTests {
  init() { Buffer.isPoisoned = true }

  private func configuration(pairWidth: Int) -> TrunkConfiguration {
    var configuration = ModuleSetting.configuration
    configuration.pairWidth = pairWidth
    configuration.pairHeadWidth = 1
    return configuration
  }

  /// What the next tests are about.
  @Test("The pairs are the wider ones", arguments: [40, 64, 176]) func widths(_ pairWidth: Int) {
    let c = configuration(pairWidth: pairWidth)
    #expect(c.pairWidth > 3 * c.sequenceWidth && c.pairHeads > c.sequenceHeads)
    // The structure module shares the buffer of the biases, and must not be what makes it large.
    #expect(c.pairHeads > 2 * c.structureModule.heads)
  }

  @Test("Triangle multiplication", arguments: [2, 97, 131]) func triangleMultiplication(_ length: Int) throws {
    let configuration = configuration(pairWidth: 40), cZ = configuration.pairWidth
    var weights = RandomWeights(seed: 61)
    weights.addTriangleMultiplication(cZ)
    let setting = ModuleSetting(length: length, seed: 140, configuration: configuration)
    let twin = ScalarModules(weights: weights, length: length).triangleMultiplication(setting.zRows, outgoing: true)
    try setting.expect(twin, before: setting.z, Tolerances()) { precision, work, threads in
      try TriangleMultiplication(weights.scope, edges: .outgoing, cZ: cZ, precision: precision)
        .add(to: work.z, work: work, threads: threads)
      return work.z.values
    }
  }

  @Test("Triangle attention", arguments: [2, 97]) func triangleAttention(_ length: Int) throws {
    let configuration = configuration(pairWidth: 40), heads = configuration.pairHeads
    var weights = RandomWeights(seed: 62)
    weights.addTriangleAttention(configuration.pairWidth, heads: heads)
    let setting = ModuleSetting(length: length, seed: 141, configuration: configuration)
    let twin = ScalarModules(weights: weights, length: length)
      .triangleAttention(setting.zRows, heads: heads, starting: false)
    try setting.expect(twin, before: setting.z, Tolerances()) { precision, work, threads in
      try TriangleAttention(weights.scope, node: .ending, configuration: configuration, precision: precision)
        .add(to: work.z, work: work, threads: threads)
      return work.z.values
    }
  }

  /// At a width at which a tile takes more scratch than any linear layer.
  @Test("Pair transition", arguments: [97, 131]) func transition(_ length: Int) throws {
    let configuration = configuration(pairWidth: 64), cZ = configuration.pairWidth
    var weights = RandomWeights(seed: 63)
    weights.addTransition(cZ)
    let setting = ModuleSetting(length: length, seed: 142, configuration: configuration)
    let twin = ScalarModules(weights: weights, length: length).transition(setting.zRows)
    try setting.expect(twin, before: setting.z, Tolerances()) { precision, work, threads in
      try PairTransition(weights.scope, cZ: cZ, precision: precision).add(to: work.z, work: work, threads: threads)
      return work.z.values
    }
  }

  @Test("Sequence to pair", arguments: [(2, 40), (131, 40), (97, 176)])
  func sequenceToPair(_ length: Int, _ width: Int) throws {
    let configuration = configuration(pairWidth: width)
    var weights = RandomWeights(seed: 64)
    weights.addSequenceToPair(configuration)
    let setting = ModuleSetting(length: length, seed: 143, configuration: configuration)
    let twin = ScalarModules(weights: weights, length: length).sequenceToPair(setting.sRows)
    try setting.expect(twin, before: setting.z, Tolerances()) { precision, work, threads in
      try SequenceToPair(weights.scope, configuration: configuration, precision: precision)
        .add(work.s, to: work.z, work: work, threads: threads)
      return work.z.values
    }
  }

  @Test("Sequence attention", arguments: [(131, 40), (97, 176)]) func attention(_ length: Int, _ width: Int) throws {
    let configuration = configuration(pairWidth: width)
    var weights = RandomWeights(seed: 65)
    weights.addSequenceAttention(configuration)
    let setting = ModuleSetting(length: length, seed: 144, configuration: configuration)
    try setting.expectSequenceAttention(weights)
  }
}
