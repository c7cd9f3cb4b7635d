// Checkpoints of random numbers: the tensors of one module under the names that it binds.

import ESM2
import Folding
import Platform
import Tensors
import Weights

/// Collects tensors whose magnitude keeps activations near 1.
struct RandomWeights {
  private let type: ElementType
  private var tensors: [StoredTensor] = []
  private var random = SplitMix64.always

  init(_ type: ElementType) { self.type = type }

  /// A checkpoint of the tensors added so far.
  var scope: WeightScope {
    WeightScope(WeightStore(path: "random weights", modelName: "random", configJSON: "{}", tensors: tensors))
  }

  /// Bytes of all tensors.
  var byteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }

  /// A vector is scaled for sums of as many terms as it has elements, like the rows of a matrix.
  mutating func add(_ name: String, _ shape: [Int]) {
    let count = shape.reduce(1, *), terms = shape.last ?? 1
    // 2^exponent is about 1 / √terms.
    let exponent = shape.count == 1 ? -1 : -(Int.bitWidth - terms.leadingZeroBitCount) / 2
    let buffer = Buffer(byteCount: count * type.byteCount)
    random.fill(buffer.base, count, type, exponent: exponent)
    tensors.append(StoredTensor(name: name, elementType: type, shape: shape, buffer: buffer, byteOffset: 0))
  }

  mutating func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true) {
    add("\(name).weight", [outputs, inputs])
    if bias { add("\(name).bias", [outputs]) }
  }

  mutating func norm(_ name: String, _ width: Int) {
    add("\(name).weight", [width])
    add("\(name).bias", [width])
  }

  // === The modules ===

  /// A block of the trunk.
  static func block(_ c: TrunkConfiguration) -> RandomWeights {
    let cS = c.sequenceWidth, cZ = c.pairWidth
    var w = RandomWeights(.float32)
    w.norm("layernorm_1", cS)
    w.linear("seq_attention.proj", cS, 3 * cS, bias: false)
    w.linear("seq_attention.g_proj", cS, cS)
    w.linear("seq_attention.o_proj", cS, cS)
    w.norm("pair_to_sequence.layernorm", cZ)
    w.linear("pair_to_sequence.linear", cZ, c.sequenceHeads, bias: false)
    w.norm("sequence_to_pair.layernorm", cS)
    w.linear("sequence_to_pair.proj", cS, cZ)
    w.linear("sequence_to_pair.o_proj", cZ, cZ)
    for (name, width) in [("mlp_seq", cS), ("mlp_pair", cZ)] {
      w.norm("\(name).mlp.0", width)
      w.linear("\(name).mlp.1", width, 4 * width)
      w.linear("\(name).mlp.3", 4 * width, width)
    }
    for name in ["tri_mul_out", "tri_mul_in"] {
      w.norm("\(name).layer_norm_in", cZ)
      w.norm("\(name).layer_norm_out", cZ)
      for layer in ["a_p", "b_p", "a_g", "b_g", "z", "g"] { w.linear("\(name).linear_\(layer)", cZ, cZ) }
    }
    for name in ["tri_att_start", "tri_att_end"] {
      w.norm("\(name).layer_norm", cZ)
      w.linear("\(name).linear", cZ, c.pairHeads, bias: false)
      for layer in ["q", "k", "v"] { w.linear("\(name).mha.linear_\(layer)", cZ, cZ, bias: false) }
      for layer in ["g", "o"] { w.linear("\(name).mha.linear_\(layer)", cZ, cZ) }
    }
    return w
  }

  /// The structure module and the layers before it.
  static func structure(_ trunk: TrunkConfiguration) -> RandomWeights {
    let own = trunk.structureModule
    let c = own.sequenceWidth, h = own.heads, name = "structure_module"
    var w = RandomWeights(.float32)
    w.linear("trunk2sm_s", trunk.sequenceWidth, c)
    w.linear("trunk2sm_z", trunk.pairWidth, own.pairWidth)
    w.norm("\(name).layer_norm_s", c)
    w.norm("\(name).layer_norm_z", own.pairWidth)
    w.linear("\(name).linear_in", c, c)
    w.linear("\(name).ipa.linear_q", c, h * own.headWidth)
    w.linear("\(name).ipa.linear_kv", c, 2 * h * own.headWidth)
    w.linear("\(name).ipa.linear_q_points", c, 3 * h * own.queryPoints)
    w.linear("\(name).ipa.linear_kv_points", c, 3 * h * (own.queryPoints + own.valuePoints))
    w.linear("\(name).ipa.linear_b", own.pairWidth, h)
    w.linear("\(name).ipa.linear_out", h * (own.headWidth + 4 * own.valuePoints + own.pairWidth), c)
    w.add("\(name).ipa.head_weights", [h])
    w.norm("\(name).layer_norm_ipa", c)
    for layer in 0..<own.transitionLayers {
      for part in 1...3 { w.linear("\(name).transition.layers.\(layer).linear_\(part)", c, c) }
    }
    w.norm("\(name).transition.layer_norm", c)
    w.linear("\(name).bb_update.linear", c, 6)
    w.linear("\(name).angle_resnet.linear_in", c, own.resnetWidth)
    w.linear("\(name).angle_resnet.linear_initial", c, own.resnetWidth)
    for layer in 0..<own.resnetBlocks {
      for part in 1...2 {
        w.linear("\(name).angle_resnet.layers.\(layer).linear_\(part)", own.resnetWidth, own.resnetWidth)
      }
    }
    w.linear("\(name).angle_resnet.linear_out", own.resnetWidth, 14)
    return w
  }

  /// A layer of the language model, in float16 as published.
  static func layer(_ c: LanguageModelConfiguration) -> RandomWeights {
    var w = RandomWeights(.float16)
    w.norm("attention.LayerNorm", c.hiddenSize)
    for name in ["self.query", "self.key", "self.value", "output.dense"] {
      w.linear("attention.\(name)", c.hiddenSize, c.hiddenSize)
    }
    w.norm("LayerNorm", c.hiddenSize)
    w.linear("intermediate.dense", c.hiddenSize, c.intermediateSize)
    w.linear("output.dense", c.intermediateSize, c.hiddenSize)
    return w
  }
}
