// The modules that update the pairs, against their scalar twins.

import Folding
import Tensors
import Testing
import Weights

@Suite("Pair modules") struct PairModuleTests {
  private let configuration = ModuleSetting.configuration

  init() { Buffer.isPoisoned = true }

  @Test("Triangle multiplication", arguments: ModuleSetting.lengths, [true, false])
  func triangleMultiplication(_ length: Int, _ outgoing: Bool) throws {
    let cZ = configuration.pairWidth
    var weights = RandomWeights(seed: 21)
    weights.addTriangleMultiplication(cZ)
    let setting = ModuleSetting(length: length, seed: 100)
    let twin = ScalarModules(weights: weights, length: length)
      .triangleMultiplication(setting.zRows, outgoing: outgoing)
    try setting.expect(twin, before: setting.z, Tolerances()) { precision, work, threads in
      try TriangleMultiplication(
        weights.scope, edges: outgoing ? .outgoing : .incoming, cZ: cZ, precision: precision
      ).add(to: work.z, work: work, threads: threads)
      return work.z.values
    }
  }

  @Test("Triangle attention", arguments: ModuleSetting.lengths, [true, false])
  func triangleAttention(_ length: Int, _ starting: Bool) throws {
    let cZ = configuration.pairWidth, heads = configuration.pairHeads
    var weights = RandomWeights(seed: 22)
    weights.addTriangleAttention(cZ, heads: heads)
    let setting = ModuleSetting(length: length, seed: 101)
    let twin = ScalarModules(weights: weights, length: length)
      .triangleAttention(setting.zRows, heads: heads, starting: starting)
    try setting.expect(twin, before: setting.z, Tolerances()) { precision, work, threads in
      try TriangleAttention(
        weights.scope, node: starting ? .starting : .ending, configuration: configuration, precision: precision
      ).add(to: work.z, work: work, threads: threads)
      return work.z.values
    }
  }

  @Test("Pair transition", arguments: ModuleSetting.lengths) func transition(_ length: Int) throws {
    let cZ = configuration.pairWidth
    var weights = RandomWeights(seed: 23)
    weights.addTransition(cZ)
    let setting = ModuleSetting(length: length, seed: 102)
    let twin = ScalarModules(weights: weights, length: length).transition(setting.zRows)
    try setting.expect(twin, before: setting.z, Tolerances()) { precision, work, threads in
      try PairTransition(weights.scope, cZ: cZ, precision: precision).add(to: work.z, work: work, threads: threads)
      return work.z.values
    }
  }

  @Test("Sequence to pair", arguments: ModuleSetting.lengths) func sequenceToPair(_ length: Int) throws {
    var weights = RandomWeights(seed: 24)
    weights.addSequenceToPair(configuration)
    let setting = ModuleSetting(length: length, seed: 103)
    let twin = ScalarModules(weights: weights, length: length).sequenceToPair(setting.sRows)
    try setting.expect(twin, before: setting.z, Tolerances()) { precision, work, threads in
      try SequenceToPair(weights.scope, configuration: configuration, precision: precision)
        .add(work.s, to: work.z, work: work, threads: threads)
      return work.z.values
    }
  }
}
