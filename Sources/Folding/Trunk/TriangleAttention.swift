// Triangle self-attention, AlphaFold 2 Suppl. Algorithms 13 (starting node) and 14 (ending node).

package import Tensors
package import Weights

/// z_ij += linear(σ(g_ij) · Σ_k softmax_k(q_ij k_ik / √d + bias_jk) v_ik) around the starting node i; around the ending
/// node the same on the transposed z.
package struct TriangleAttention: Sendable {
  package enum Node: Sendable { case starting, ending }

  private let lines: PairTile.Lines
  private let layerNorm: LayerNorm
  /// The triangle bias of each head.
  private let linear: PackedLinear
  /// mha.linear_q, linear_k, linear_v, linear_g side by side.
  private let linearQKVG: PackedLinear
  private let linearO: PackedLinear
  private let cZ: Int, heads: Int
  private let precision: Precision

  package init(
    _ w: WeightScope, node: Node, configuration: TrunkConfiguration, precision: Precision
  ) throws(WeightError) {
    let cZ = configuration.pairWidth, heads = configuration.pairHeads
    lines = node == .starting ? .rows : .columns
    self.cZ = cZ
    self.heads = heads
    self.precision = precision
    layerNorm = try LayerNorm(w["layer_norm"], cZ)
    linear = PackedLinear(inputs: cZ, [try PackedLinear.Layer(w["linear"], cZ, heads, bias: false)], precision)
    let mha = w["mha"]
    linearQKVG = PackedLinear(
      inputs: cZ,
      [
        try PackedLinear.Layer(mha["linear_q"], cZ, cZ, bias: false),
        try PackedLinear.Layer(mha["linear_k"], cZ, cZ, bias: false),
        try PackedLinear.Layer(mha["linear_v"], cZ, cZ, bias: false),
        try PackedLinear.Layer(mha["linear_g"], cZ, cZ),
      ], precision)
    linearO = PackedLinear(inputs: cZ, [try PackedLinear.Layer(mha["linear_o"], cZ, cZ)], precision)
  }

  /// z += update(z), z: [L, L, c_z].
  package func add(to z: Tensor<3>, work: borrowing Workspace, threads: Threads) {
    let l = work.length
    let bias = work.b.viewed(as: [heads, l, l])
    let scratch = work.scratch
    // Every line's bias is needed by all lines, so it is made before z changes.
    PairTile.forEach(length: l, threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let x = taker.rows(tile.count, cZ), b = taker.rows(tile.count, heads)
      layerNorm(lines.line(i, of: z).rows(tile), into: x)
      linear(taker.operand(x, precision), into: b)
      Kernels.active.transpose(b, into: bias.channels(row: i, columns: tile))
    }
    // A line attends only to itself: it is read and written by one task, and the L³ scores never exist.
    threads.forEach(l) { i, worker in
      var taker = scratch.taker(worker)
      let line = lines.line(i, of: z)
      let x = taker.rows(l, cZ), qkvg = taker.rows(l, 4 * cZ)
      layerNorm(line, into: x)
      let narrow = taker.operand(x, precision)
      linearQKVG(narrow, into: qkvg)
      let d = cZ / heads
      for head in 0..<heads {
        func part(_ index: Int) -> Rows { qkvg.columns(index * cZ + head * d..<index * cZ + (head + 1) * d) }
        // x is no longer needed: it takes the result.
        var rest = taker
        Attention.attend(
          q: part(0), k: part(1), v: part(2), bias: bias.matrix(head), scale: 1 / Float(d).squareRoot(),
          into: x.columns(head * d..<(head + 1) * d), precision: precision, scratch: &rest)
      }
      Kernels.active.gate(x, by: qkvg.columns(3 * cZ..<4 * cZ))
      linearO(taker.operand(x, precision), into: line, adding: true)
    }
  }

  /// Scratch floats per thread.
  static func scratchFloats(_ length: Int, _ configuration: TrunkConfiguration, _ precision: Precision) -> Int {
    let cZ = configuration.pairWidth
    // Rows, two rounded copies of them, and one head's attention.
    let line =
      Scratch.rounded(length * cZ) + Scratch.rounded(length * 4 * cZ) + 2
      * Scratch.rounded(precision.floats(length, cZ))
      + Attention.scratchFloats(keys: length, width: configuration.pairHeadWidth, precision: precision)
    return max(line, PairTile.scratchFloats(cZ, configuration.pairHeads, cZ + 1))
  }
}
