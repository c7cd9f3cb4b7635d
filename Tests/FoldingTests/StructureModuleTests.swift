// The structure module and the confidence heads against their scalar twins.

import Folding
import Protein
import Tensors
import TestSupport
import Testing
import Weights

@Suite("Structure module and heads") struct StructureModuleTests {
  private let trunk = ModuleSetting.configuration

  init() { Buffer.isPoisoned = true }

  /// With frames far from the identity, which the module reaches only after some iterations.
  @Test("Invariant point attention", arguments: ModuleSetting.lengths) func attention(_ length: Int) throws {
    let c = trunk.structureModule
    var weights = RandomWeights(seed: 41)
    weights.addAttention("", c)
    let setting = ModuleSetting(length: length, seed: 120)
    var random = RandomNumbers(seed: 121)
    let s = random.floats(length * c.sequenceWidth), z = random.floats(length * length * c.pairWidth)
    let moves = (0..<length).map { _ in random.floats(6) }
    let twin = ScalarStructure(weights: weights, configuration: c).attention(
      ModuleSetting.rows(s, length), ModuleSetting.rows(z, length * length),
      moves.map { Frame64().updated($0.map(Double.init)) })
    let frames = moves.map {
      BackboneFrame.identity.updated(turn: [$0[0], $0[1], $0[2]], move: [$0[3], $0[4], $0[5]]).rigid
    }
    try setting.expect(twin, Tolerances()) { _, _, threads in
      let attention = try InvariantPointAttention(weights.scope, configuration: c)
      let work = StructureWorkspace(length: length, configuration: c, threads: threads)
      let out = Tensor<2>([length, c.sequenceWidth])
      work.z.pointer.update(from: z, count: z.count)
      attention.makePairBias(work: work, threads: threads)
      attention(Tensor([length, c.sequenceWidth], s), frames: frames, into: out, work: work, threads: threads)
      return out.values
    }
  }

  @Test("The whole module", arguments: ModuleSetting.lengths) func fold(_ length: Int) throws {
    let c = trunk.structureModule
    var weights = RandomWeights(seed: 42)
    weights.addStructureModule(trunk)
    let setting = ModuleSetting(length: length, seed: 122)
    let twin = ScalarStructure(weights: weights, configuration: c).fold(setting.sRows, setting.zRows)
    let residues = (0..<length).compactMap { ResidueType(index: $0 % 21) }
    let expected = twin.states + twin.frames.map { $0.rotation.flatMap { $0 } } + twin.angles
    func run(_ work: borrowing Workspace, _ threads: Threads) throws -> StructureOutput {
      try StructureModule(weights.scope, configuration: trunk).fold(
        residues, work: work, threads: threads, tap: .none, name: "")
    }
    try setting.expect(expected, Self.deep) { _, work, threads in
      let output = try run(work, threads)
      let rotations = output.frames.flatMap { frame -> [Float] in
        let r = frame.rigid.rotation
        return [r.x, r.y, r.z].flatMap { [$0.x, $0.y, $0.z] }
      }
      return output.states.values + rotations + output.angles
    }
    try setting.expect(twin.frames.map(\.translation), Self.deep) { _, work, threads in
      try run(work, threads).frames.flatMap { [$0.translation.x, $0.translation.y, $0.translation.z] }
    }
  }

  /// Two iterations, and angles that are vectors divided by their length; never bfloat16.
  private static let deep = Tolerances(float32: 2e-5, bfloat16: 2e-5)

  // === Heads ===

  @Test("Confidence and logits", arguments: ModuleSetting.lengths) func heads(_ length: Int) throws {
    let configuration = try ModuleSetting.foldingConfiguration()
    let width = trunk.structureModule.sequenceWidth, hidden = configuration.lddtHeadWidth
    var weights = RandomWeights(seed: 43)
    weights.addNorm("lddt_head.0", width)
    weights.addLinear("lddt_head.1", width, hidden)
    weights.addLinear("lddt_head.2", hidden, hidden)
    weights.addLinear("lddt_head.3", hidden, 37 * 50)
    weights.addLinear("ptm_head", trunk.pairWidth, 64)
    weights.addLinear("distogram_head", trunk.pairWidth, 64)
    weights.addLinear("lm_head", trunk.sequenceWidth, 23)
    let setting = ModuleSetting(length: length, seed: 123)
    var random = RandomNumbers(seed: 124)
    let states = random.floats(length * width, in: -3...3)
    let twins = ScalarHeads(weights: weights)
    let heads = try ConfidenceHeads(weights.scope, configuration: configuration)

    let layout = ChainLayout([ResidueType](repeating: .unknown, count: length))
    func confidence(_ work: borrowing Workspace, _ threads: Threads) -> Confidence {
      heads.confidence(states: Tensor([length, width], states), of: layout, work: work, threads: threads)
    }
    setting.expect([twins.plddt(ModuleSetting.rows(states, length))], Tolerances()) { _, work, threads in
      confidence(work, threads).plddt
    }
    let (ptm, error) = twins.alignedError(setting.zRows, length: length)
    setting.expect([error], Self.heads) { _, work, threads in confidence(work, threads).predictedAlignedError }
    setting.expect([[ptm]], Self.heads) { _, work, threads in [confidence(work, threads).ptm] }
    setting.expect(twins.distogram(setting.zRows, length: length), Self.heads) { _, work, threads in
      heads.distogramLogits(work: work, threads: threads).values
    }
    setting.expect(setting.sRows.map { weights.linear("lm_head", $0) }, Self.heads) { _, work, threads in
      heads.lmLogits(work: work, threads: threads)
    }
  }

  /// One layer, never bfloat16.
  private static let heads = Tolerances(float32: 5e-6, bfloat16: 5e-6)
}
