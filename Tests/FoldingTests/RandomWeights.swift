// Random weights of a module: as a checkpoint for the module and as numbers for its scalar twin.

import Folding
import Tensors
import TestSupport
import Weights

/// Tensors by name, every one of them random, so that no bias is zero and no gain one.
struct RandomWeights {
  private var tensors: [StoredTensor] = []
  private var values: [String: [Double]] = [:]
  private var random: RandomNumbers

  init(seed: UInt64) { random = RandomNumbers(seed: seed) }

  /// The checkpoint.
  var scope: WeightScope {
    WeightScope(WeightStore(path: "random", modelName: "random", configJSON: "{}", tensors: tensors))
  }

  /// A tensor's values, row-major.
  subscript(_ name: String) -> [Double] { values[name] ?? [] }

  /// Adds a tensor of numbers in a range.
  mutating func add(
    _ name: String, _ shape: [Int], in range: ClosedRange<Float> = -1...1,
    change: (_ index: Int, _ value: Float) -> Float = { $1 }
  ) {
    let floats = random.floats(shape.reduce(1, *), in: range).enumerated().map { change($0.offset, $0.element) }
    let buffer = Buffer(byteCount: floats.count * MemoryLayout<Float>.stride)
    floats.withUnsafeBytes {
      buffer.base.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(buffer.base), byteCount: $0.count)
    }
    tensors.append(StoredTensor(name: name, elementType: .float32, shape: shape, buffer: buffer, byteOffset: 0))
    values[name] = floats.map(Double.init)
  }

  /// Adds a linear layer whose outputs are about as large as its inputs.
  mutating func addLinear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true) {
    let bound = (3 / Float(inputs)).squareRoot()
    add("\(name).weight", [outputs, inputs], in: -bound...bound)
    if bias { add("\(name).bias", [outputs], in: -0.4...0.4) }
  }

  /// Adds a layer norm.
  mutating func addNorm(_ name: String, _ width: Int) {
    add("\(name).weight", [width], in: 0.6...1.4)
    add("\(name).bias", [width], in: -0.4...0.4)
  }

  /// Adds the layers of triangle multiplication.
  mutating func addTriangleMultiplication(_ cZ: Int) {
    addNorm("layer_norm_in", cZ)
    addNorm("layer_norm_out", cZ)
    for name in ["linear_a_p", "linear_a_g", "linear_b_p", "linear_b_g", "linear_z", "linear_g"] {
      addLinear(name, cZ, cZ)
    }
  }

  /// Adds the layers of triangle attention.
  mutating func addTriangleAttention(_ cZ: Int, heads: Int) {
    addNorm("layer_norm", cZ)
    addLinear("linear", cZ, heads, bias: false)
    for name in ["q", "k", "v"] { addLinear("mha.linear_\(name)", cZ, cZ, bias: false) }
    for name in ["g", "o"] { addLinear("mha.linear_\(name)", cZ, cZ) }
  }

  /// Adds the layers of a transition, of the pairs or the single state.
  mutating func addTransition(_ width: Int) {
    addNorm("mlp.0", width)
    addLinear("mlp.1", width, 4 * width)
    addLinear("mlp.3", 4 * width, width)
  }

  /// Adds the layers of the pairs' update by the sequence.
  mutating func addSequenceToPair(_ c: TrunkConfiguration) {
    addNorm("layernorm", c.sequenceWidth)
    addLinear("proj", c.sequenceWidth, c.pairWidth)
    addLinear("o_proj", c.pairWidth, c.pairWidth)
  }

  /// Adds the layers of the sequence attention and of its pair bias.
  mutating func addSequenceAttention(_ c: TrunkConfiguration) {
    addNorm("layernorm_1", c.sequenceWidth)
    addLinear("seq_attention.proj", c.sequenceWidth, 3 * c.sequenceWidth, bias: false)
    addLinear("seq_attention.g_proj", c.sequenceWidth, c.sequenceWidth)
    addLinear("seq_attention.o_proj", c.sequenceWidth, c.sequenceWidth)
    addNorm("pair_to_sequence.layernorm", c.pairWidth)
    addLinear("pair_to_sequence.linear", c.pairWidth, c.sequenceHeads, bias: false)
  }

  /// Adds the layers of invariant point attention.
  mutating func addAttention(_ prefix: String, _ c: StructureModuleConfiguration) {
    addLinear("\(prefix)linear_q", c.sequenceWidth, c.heads * c.headWidth)
    addLinear("\(prefix)linear_kv", c.sequenceWidth, 2 * c.heads * c.headWidth)
    addLinear("\(prefix)linear_q_points", c.sequenceWidth, 3 * c.heads * c.queryPoints)
    addLinear("\(prefix)linear_kv_points", c.sequenceWidth, 3 * c.heads * (c.queryPoints + c.valuePoints))
    addLinear("\(prefix)linear_b", c.pairWidth, c.heads)
    addLinear("\(prefix)linear_out", c.heads * (c.headWidth + 4 * c.valuePoints + c.pairWidth), c.sequenceWidth)
    // At least one of each sign: softplus has two branches.
    add("\(prefix)head_weights", [c.heads], in: -2...2) { index, value in index % 2 == 0 ? -abs(value) : abs(value) }
  }

  /// Adds the layers of the structure module, and those that lead from the trunk to it.
  mutating func addStructureModule(_ trunk: TrunkConfiguration) {
    let c = trunk.structureModule, own = "structure_module", width = c.sequenceWidth
    addLinear("trunk2sm_s", trunk.sequenceWidth, width)
    addLinear("trunk2sm_z", trunk.pairWidth, c.pairWidth)
    addNorm("\(own).layer_norm_s", width)
    addNorm("\(own).layer_norm_z", c.pairWidth)
    addLinear("\(own).linear_in", width, width)
    addAttention("\(own).ipa.", c)
    addNorm("\(own).layer_norm_ipa", width)
    for layer in 0..<c.transitionLayers {
      for index in 1...3 { addLinear("\(own).transition.layers.\(layer).linear_\(index)", width, width) }
    }
    addNorm("\(own).transition.layer_norm", width)
    addLinear("\(own).bb_update.linear", width, 6)
    for name in ["in", "initial"] { addLinear("\(own).angle_resnet.linear_\(name)", width, c.resnetWidth) }
    for layer in 0..<c.resnetBlocks {
      for index in 1...2 {
        addLinear("\(own).angle_resnet.layers.\(layer).linear_\(index)", c.resnetWidth, c.resnetWidth)
      }
    }
    addLinear("\(own).angle_resnet.linear_out", c.resnetWidth, 14)
  }

  // === The twins' layers ===

  /// y = W x + b, in double precision.
  func linear(_ name: String, _ x: [Double]) -> [Double] {
    let weight = self["\(name).weight"], bias = self["\(name).bias"]
    return (0..<weight.count / x.count).map { output in
      var sum = bias.isEmpty ? 0 : bias[output]
      for input in x.indices { sum += weight[output * x.count + input] * x[input] }
      return sum
    }
  }

  /// (x − mean) / √(variance + 1e-5) · gain + offset, in double precision.
  func norm(_ name: String, _ x: [Double]) -> [Double] {
    let gain = self["\(name).weight"], offset = self["\(name).bias"], n = Double(x.count)
    let mean = x.reduce(0, +) / n
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let scale = 1 / (variance + 1e-5).squareRoot()
    return x.indices.map { (x[$0] - mean) * scale * gain[$0] + offset[$0] }
  }
}
