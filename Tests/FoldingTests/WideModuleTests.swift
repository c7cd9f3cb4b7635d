// Modules at widths at which each needs more of its thread's scratch than all others: none may take too much.

import Folding
import Glibc
import Protein
import Tensors
import TestSupport
import Testing

/// A window beyond a thread's scratch ends the process; too narrow ones for a module with few threads would not show at
/// the widths of the other tests, because the sequence layers' panels are larger.
@Suite("Wide modules") struct WideModuleTests {
  init() { Buffer.isPoisoned = true }

  @Test("Triangle attention of wide pairs") func triangleAttention() throws {
    var configuration = ModuleSetting.configuration
    configuration.pairWidth = 64
    configuration.pairHeadWidth = 32
    var weights = RandomWeights(seed: 51)
    weights.addTriangleAttention(64, heads: 2)
    let setting = ModuleSetting(length: 97, seed: 130, configuration: configuration)
    let twin = ScalarModules(weights: weights, length: 97).triangleAttention(setting.zRows, heads: 2, starting: true)
    try setting.expect(twin, before: setting.z, Tolerances()) { precision, work, threads in
      try TriangleAttention(weights.scope, node: .starting, configuration: configuration, precision: precision)
        .add(to: work.z, work: work, threads: threads)
      return work.z.values
    }
  }

  @Test("Triangle multiplication of a wide tile") func triangleMultiplication() throws {
    var configuration = ModuleSetting.configuration
    configuration.pairWidth = 100
    configuration.pairHeadWidth = 4
    var weights = RandomWeights(seed: 52)
    weights.addTriangleMultiplication(100)
    let setting = ModuleSetting(length: 12, seed: 131, configuration: configuration)
    let twin = ScalarModules(weights: weights, length: 12).triangleMultiplication(setting.zRows, outgoing: false)
    try setting.expect(twin, before: setting.z, Tolerances()) { precision, work, threads in
      try TriangleMultiplication(weights.scope, edges: .incoming, cZ: 100, precision: precision)
        .add(to: work.z, work: work, threads: threads)
      return work.z.values
    }
  }

  /// One wide head, whose keys and values are large, and many narrow ones, whose biases are.
  @Test("Sequence attention", arguments: [(256, 256), (480, 1)]) func attention(_ width: Int, _ head: Int) throws {
    var configuration = ModuleSetting.configuration
    configuration.sequenceWidth = width
    configuration.sequenceHeadWidth = head
    var weights = RandomWeights(seed: 53)
    weights.addSequenceAttention(configuration)
    let length = head == 1 ? 96 : 97
    let setting = ModuleSetting(length: length, seed: 132, configuration: configuration)
    try setting.expectSequenceAttention(weights)
  }

  private var manyPoints: StructureModuleConfiguration {
    var c = ModuleSetting.configuration.structureModule
    c.headWidth = 40
    c.queryPoints = 20
    c.valuePoints = 40
    c.heads = 2
    return c
  }

  @Test("Invariant point attention with many points") func points() throws {
    let c = manyPoints
    var weights = RandomWeights(seed: 54)
    weights.addAttention("", c)
    let length = 97
    var random = RandomNumbers(seed: 133)
    let s = random.floats(length * c.sequenceWidth), z = random.floats(length * length * c.pairWidth)
    let twin = ScalarStructure(weights: weights, configuration: c).attention(
      ModuleSetting.rows(s, length), ModuleSetting.rows(z, length * length),
      [Frame64](repeating: Frame64(), count: length))
    // Its scratch is exactly what the module asks for.
    let work = StructureWorkspace(length: length, configuration: c, threads: Threads(1))
    let out = Tensor<2>([length, c.sequenceWidth])
    work.z.pointer.update(from: z, count: z.count)
    let attention = try InvariantPointAttention(weights.scope, configuration: c)
    attention.makePairBias(work: work, threads: Threads(1))
    attention(
      Tensor([length, c.sequenceWidth], s),
      frames: [Rigid](repeating: BackboneFrame.identity.rigid, count: length), into: out, work: work,
      threads: Threads(1))
    let closeness = Closeness(out.values, twin.flatMap { $0.map(Float.init) })
    #expect(closeness.isWithin(relative: Tolerances().float32), "\(closeness)")
  }

  /// In the trunk's scratch.
  @Test("The structure module with many points") func structureModule() throws {
    var configuration = ModuleSetting.configuration
    configuration.structureModule = manyPoints
    var weights = RandomWeights(seed: 55)
    weights.addStructureModule(configuration)
    let setting = ModuleSetting(length: 97, seed: 134, configuration: configuration)
    let twin = ScalarStructure(weights: weights, configuration: configuration.structureModule)
      .fold(setting.sRows, setting.zRows)
    let residues = (0..<97).compactMap { ResidueType(index: $0 % 21) }
    try setting.expect(twin.states, Tolerances(float32: 2e-5, bfloat16: 2e-5)) { _, work, threads in
      try StructureModule(weights.scope, configuration: configuration).fold(
        residues, work: work, threads: threads, tap: .none, name: ""
      ).states.values
    }
  }

  /// The confidence heads take more than a linear layer where panels are narrow, and more than pairs where these are few
  /// and narrow.
  @Test("Confidence heads of a short protein, with the narrowest panels", arguments: [3, 20])
  func confidence(_ length: Int) async throws {
    try await Handed.over(length) {
      await #expect(processExitsWith: .success) {
        let length = try Handed.taken(Int.self)
        setenv("ESMFOLD_ISA", "base", 1)
        try StructureModuleTests().heads(length)
      }
    }
  }
}
