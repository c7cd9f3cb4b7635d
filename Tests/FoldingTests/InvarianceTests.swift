// The invariance of invariant point attention.

import Folding
import Tensors
import TestSupport
import Testing

/// Distances between points a few units apart, from differences of float32 numbers that a rotation has changed.
private let tolerance: Float = 1e-4

@Suite("Invariance") struct InvarianceTests {
  init() { Buffer.isPoisoned = true }

  @Test("Moving all frames together leaves invariant point attention unchanged") func movedFrames() throws {
    var random = RandomNumbers(seed: 11)
    var configuration = StructureModuleConfiguration()
    configuration.sequenceWidth = 24
    configuration.pairWidth = 10
    configuration.headWidth = 5
    configuration.heads = 3
    configuration.queryPoints = 2
    configuration.valuePoints = 3
    let length = 21
    var weights = RandomWeights(seed: 12)
    weights.addAttention("", configuration)
    let attention = try InvariantPointAttention(weights.scope, configuration: configuration)
    let s = Tensor<2>([length, 24], random.floats(length * 24))
    let z = random.floats(length * length * 10)
    let frames = (0..<length).map { _ in
      let v = random.floats(6, in: -2...2)
      return BackboneFrame.identity.updated(turn: [v[0], v[1], v[2]], move: [v[3], v[4], v[5]]).rigid
    }
    let motion = BackboneFrame.identity.updated(turn: [0.3, -1.2, 0.8], move: [3, -2, 1]).rigid

    func run(_ frames: [Rigid]) -> [Float] {
      let work = StructureWorkspace(length: length, configuration: configuration, threads: Threads(2))
      let out = Tensor<2>([length, 24])
      work.z.pointer.update(from: z, count: z.count)
      attention.makePairBias(work: work, threads: Threads(2))
      attention(s, frames: frames, into: out, work: work, threads: Threads(2))
      return out.values
    }
    let still = run(frames)
    let closeness = Closeness(run(frames.map(motion.composed)), still)
    #expect(closeness.isWithin(relative: tolerance), "\(closeness)")
    // But it depends on the frames: moving only one changes the result.
    var bent = frames
    bent[3] = motion.composed(bent[3])
    #expect(!Closeness(run(bent), still).isWithin(relative: 100 * tolerance))
  }
}
