// Gated self-attention over the sequence, biased by the pairs (transformers: EsmFoldSelfAttention, EsmFoldPairToSequence).

package import Tensors
package import Weights

/// s += linear(σ(g) · attention(norm(s), bias from z)).
package struct SequenceAttention: Sendable {
  private let layerNorm: LayerNorm, proj: Linear, gProj: Linear, oProj: Linear
  /// The pair update of the scores: norm and one value per head.
  private let pairNorm: LayerNorm, pairLinear: PackedLinear
  private let heads: Int, headWidth: Int
  private let precision: Precision

  /// Reads `layernorm_1`, `seq_attention` and `pair_to_sequence` of a block.
  package init(_ w: WeightScope, configuration: TrunkConfiguration, precision: Precision) throws(WeightError) {
    self.precision = precision
    let cS = configuration.sequenceWidth, cZ = configuration.pairWidth
    heads = configuration.sequenceHeads
    headWidth = configuration.sequenceHeadWidth
    layerNorm = try LayerNorm(w["layernorm_1"], cS)
    let attention = w["seq_attention"]
    proj = try Linear(
      attention["proj"], cS, 3 * cS, bias: false, precision: precision, packing: precision.packsSequenceLayers)
    gProj = try Linear(attention["g_proj"], cS, cS, precision: precision, packing: precision.packsSequenceLayers)
    oProj = try Linear(attention["o_proj"], cS, cS, precision: precision, packing: precision.packsSequenceLayers)
    let pairs = w["pair_to_sequence"]
    pairNorm = try LayerNorm(pairs["layernorm"], cZ)
    pairLinear = PackedLinear(inputs: cZ, [try PackedLinear.Layer(pairs["linear"], cZ, heads, bias: false)], precision)
  }

  /// The bias of every head's scores, [heads, L, L], in the workspace.
  package func pairBias(_ z: Tensor<3>, work: borrowing Workspace, threads: Threads) -> Tensor<3> {
    let l = work.length, scratch = work.scratch
    let bias = work.b.viewed(as: [heads, l, l])  // [heads, L, L]
    PairTile.forEach(length: l, threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let (x, rounded, b) = Self.windows(tile.count, cZ: pairLinear.inputs, heads: heads, precision, &taker)
      pairNorm(z.row(i).rows(tile), into: x)
      pairLinear(Kernels.active.operand(x, in: rounded), into: b)
      Kernels.active.transpose(b, into: bias.channels(row: i, columns: tile))
    }
    return bias
  }

  /// s += update(s), s: [L, c_s].
  package func add(to s: Tensor<2>, bias: Tensor<3>, work: borrowing Workspace, threads: Threads) {
    let scratch = work.scratch, d = headWidth
    let x = work.x, g = work.gate  // [L, c_s]
    let qkv = work.qkv.viewed(as: [work.length, 3 * heads * d])  // [L, 3 c_s]
    layerNorm(s, into: x, threads: threads)
    proj(x, into: qkv, scratch: scratch, threads: threads)
    gProj(x, into: g, scratch: scratch, threads: threads)
    let attention = Attention(scale: 1 / Float(d).squareRoot(), precision: precision)
    threads.forEach(heads) { head, worker in
      var taker = scratch.taker(worker)
      // One head's q, k and v, [L, d], follow one another, unlike the three blocks of the language model.
      func part(_ index: Int) -> Rows {
        Rows(qkv).columns((3 * head + index) * d..<(3 * head + index + 1) * d)
      }
      let columns = head * d..<(head + 1) * d
      // x is no longer needed: its memory takes the result.
      let o = Rows(x).columns(columns)  // [L, d]
      attention.attend(q: part(0), k: part(1), v: part(2), bias: bias.matrix(head), into: o, scratch: &taker)
      Kernels.active.gate(o, by: Rows(g).columns(columns))
    }
    oProj(x, into: s, adding: true, scratch: scratch, threads: threads)
  }

  /// A tile's norms x, [tile, c_z], the same in the product's format, and the biases b made of them, [tile, heads].
  private static func windows(
    _ tile: Int, cZ: Int, heads: Int, _ precision: Precision, _ taker: inout Scratch.Taker
  ) -> (x: Rows, rounded: Operand, b: Rows) {
    (taker.rows(tile, cZ), taker.operand(tile, cZ, precision), taker.rows(tile, heads))
  }

  /// Scratch floats per thread.
  static func scratchFloats(_ length: Int, _ configuration: TrunkConfiguration, _ precision: Precision) -> Int {
    let cZ = configuration.pairWidth, heads = configuration.sequenceHeads
    return max(
      Scratch.floats { _ = windows(PairTile.rows, cZ: cZ, heads: heads, precision, &$0) },
      Attention.scratchFloats(keys: length, width: configuration.sequenceHeadWidth, precision: precision))
  }
}
