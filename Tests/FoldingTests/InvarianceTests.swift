// What invariant point attention is named for.

import Folding
import Tensors
import TestSupport
import Testing
import Weights

/// Distances of points some units apart, differences of float32 numbers that a rotation has changed.
private let tolerance: Float = 1e-4

@Suite("Invariance") struct InvarianceTests {
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
    let attention = try InvariantPointAttention(
      WeightScope(Self.store(configuration, &random)), configuration: configuration)
    let s = Tensor<2>([length, 24], random.floats(length * 24))
    let z = Tensor<3>([length, length, 10], random.floats(length * length * 10))
    let frames = (0..<length).map { _ in
      let v = random.floats(6, in: -2...2)
      return BackboneFrame.identity.updated(turn: [v[0], v[1], v[2]], move: [v[3], v[4], v[5]]).rigid
    }
    let motion = BackboneFrame.identity.updated(turn: [0.3, -1.2, 0.8], move: [3, -2, 1]).rigid
    let scratch = Scratch(
      workers: 2, floats: InvariantPointAttention.scratchFloats(length, configuration) + Linear.scratchFloats)
    let work = StructureWorkspace(length: length, configuration: configuration)

    func run(_ frames: [Rigid]) -> [Float] {
      let bias = Tensor<3>([3, length, length]), weights = Tensor<3>([3, length, length])
      let out = Tensor<2>([length, 24])
      attention.pairBias(z, into: bias, scratch: scratch, threads: Threads(2))
      attention(
        s, z: z, bias: bias, weights: weights, frames: frames, into: out, work: work, scratch: scratch,
        threads: Threads(2))
      return out.values
    }
    let still = run(frames)
    let closeness = Closeness(run(frames.map(motion.composed)), still)
    #expect(closeness.isWithin(relative: tolerance), "\(closeness)")
    // And it does see the frames: moving one alone is another thing.
    var bent = frames
    bent[3] = motion.composed(bent[3])
    #expect(!Closeness(run(bent), still).isWithin(relative: 100 * tolerance))
  }

  private static func store(_ c: StructureModuleConfiguration, _ random: inout RandomNumbers) -> WeightStore {
    let points = c.queryPoints + c.valuePoints
    let features = c.heads * (c.headWidth + 4 * c.valuePoints + c.pairWidth)
    var tensors: [StoredTensor] = []
    func add(_ name: String, _ shape: [Int]) {
      let values = Tensor<1>(random.floats(shape.reduce(1, *), in: -0.3...0.3))
      let buffer = Buffer(byteCount: values.count * 4)
      for i in 0..<values.count { buffer.base.storeBytes(of: values[i], toByteOffset: 4 * i, as: Float.self) }
      tensors.append(StoredTensor(name: name, elementType: .float32, shape: shape, buffer: buffer, byteOffset: 0))
    }
    for (name, inputs, outputs) in [
      ("linear_q", c.sequenceWidth, c.heads * c.headWidth), ("linear_kv", c.sequenceWidth, 2 * c.heads * c.headWidth),
      ("linear_q_points", c.sequenceWidth, 3 * c.heads * c.queryPoints),
      ("linear_kv_points", c.sequenceWidth, 3 * c.heads * points), ("linear_b", c.pairWidth, c.heads),
      ("linear_out", features, c.sequenceWidth),
    ] {
      add("\(name).weight", [outputs, inputs])
      add("\(name).bias", [outputs])
    }
    add("head_weights", [c.heads])
    return WeightStore(path: "random", modelName: "random", configJSON: "{}", tensors: tensors)
  }
}
