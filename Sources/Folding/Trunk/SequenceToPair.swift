// How the single state updates the pairs (transformers: EsmFoldSequenceToPair).

package import Tensors
package import Weights

/// z_ij += linear([q_j · k_i, q_j − k_i]), q | k = linear(norm(s)).
package struct SequenceToPair: Sendable {
  private let layerNorm: LayerNorm, proj: Linear, oProj: PackedLinear
  private let inner: Int

  package init(_ w: WeightScope, configuration: TrunkConfiguration, precision: Precision) throws(WeightError) {
    let cZ = configuration.pairWidth
    inner = cZ / 2
    layerNorm = try LayerNorm(w["layernorm"], configuration.sequenceWidth)
    proj = try Linear(
      w["proj"], configuration.sequenceWidth, 2 * inner, precision: precision, packing: precision.packsSequenceLayers)
    oProj = PackedLinear(inputs: 2 * inner, [try PackedLinear.Layer(w["o_proj"], 2 * inner, cZ)], precision)
  }

  /// z: [L, L, c_z], s: [L, c_s].
  package func add(_ s: Tensor<2>, to z: Tensor<3>, work: borrowing Workspace, threads: Threads) {
    let x = work.x, scratch = work.scratch  // [L, c_s]
    let qk = work.qkv.viewed(as: [work.length, 2 * inner])  // q | k, [L, c_z / 2] each
    layerNorm(s, into: x, threads: threads)
    proj(x, into: qk, scratch: scratch, threads: threads)
    PairTile.forEach(length: work.length, threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let (features, rounded) = Self.windows(tile.count, cZ: 2 * inner, oProj.precision, &taker)
      let q = Rows(qk).columns(0..<inner), k = Rows(qk).columns(inner..<2 * inner)  // [L, c_z / 2]
      Kernels.active.productsAndDifferences(q.rows(tile), k.rows(i..<i + 1), into: features)
      oProj(Kernels.active.operand(features, in: rounded), into: z.row(i).rows(tile), adding: true)
    }
  }

  /// A tile's products and differences, [tile, c_z], and the same in the product's format.
  private static func windows(
    _ tile: Int, cZ: Int, _ precision: Precision, _ taker: inout Scratch.Taker
  ) -> (features: Rows, rounded: Operand) {
    (taker.rows(tile, cZ), taker.operand(tile, cZ, precision))
  }

  /// Scratch floats per thread.
  static func scratchFloats(_ configuration: TrunkConfiguration, _ precision: Precision) -> Int {
    Scratch.floats { _ = windows(PairTile.rows, cZ: configuration.pairWidth, precision, &$0) }
  }
}
