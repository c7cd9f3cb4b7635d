// Triangle self-attention, AlphaFold 2 Suppl. Algorithms 13 (starting node) and 14 (ending node).

package import Tensors
package import Weights

/// z_ij += linear(σ(g_ij) · Σ_k softmax_k(q_ij k_ik / √d + bias_jk) v_ik) around the starting node i; around the ending
/// node the same on the transposed z. Numbers of lines are those of the algorithms.
package struct TriangleAttention: Sendable {
  package enum Node: Sendable { case starting, ending }

  private let lines: PairTile.Lines
  /// Of line 1.
  private let layerNorm: LayerNorm
  /// The triangle bias of each head, line 3.
  private let linear: PackedLinear
  /// mha.linear_q, linear_k, linear_v, linear_g side by side, lines 2 and 4.
  private let linearQKVG: PackedLinear
  /// Of line 7.
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
    let l = work.length, scratch = work.scratch
    let bias = work.b.viewed(as: [heads, l, l])  // b of line 3, [heads, L, L]
    // Every line's bias is needed by all lines, so it is made before z changes.
    PairTile.forEach(length: l, threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let (x, rounded, b) = Self.biasWindows(tile.count, cZ: cZ, heads: heads, precision, &taker)
      layerNorm(lines.line(i, of: z).rows(tile), into: x)
      linear(Kernels.active.operand(x, in: rounded), into: b)
      Kernels.active.transpose(b, into: bias.channels(row: i, columns: tile))
    }
    // A line attends only to itself: it is read and written by one task, and the L³ scores never exist.
    let d = cZ / heads
    let attention = Attention(scale: 1 / Float(d).squareRoot(), precision: precision)
    threads.forEach(l) { i, worker in
      var taker = scratch.taker(worker)
      let line = lines.line(i, of: z)  // [L, c_z]
      let (x, rounded, qkvg, result) = Self.lineWindows(l, cZ: cZ, precision, &taker)
      // Lines 1, 2 and 4.
      layerNorm(line, into: x)
      linearQKVG(Kernels.active.operand(x, in: rounded), into: qkvg)
      // Lines 5 and 6; x is no longer needed and takes o.
      for head in 0..<heads {
        /// One head's q, k or v, [L, d].
        func part(_ index: Int) -> Rows { qkvg.columns(index * cZ + head * d..<index * cZ + (head + 1) * d) }
        let o = x.columns(head * d..<(head + 1) * d)  // [L, d]
        var rest = taker
        attention.attend(q: part(0), k: part(1), v: part(2), bias: bias.matrix(head), into: o, scratch: &rest)
      }
      Kernels.active.gate(x, by: qkvg.columns(3 * cZ..<4 * cZ))
      // Line 7.
      linearO(Kernels.active.operand(x, in: result), into: line, adding: true)
    }
  }

  // === Scratch ===

  /// A tile's norms x, [tile, c_z], the same in the product's format, and the biases b made of them, [tile, heads].
  private static func biasWindows(
    _ tile: Int, cZ: Int, heads: Int, _ precision: Precision, _ taker: inout Scratch.Taker
  ) -> (x: Rows, rounded: Operand, b: Rows) {
    (taker.rows(tile, cZ), taker.operand(tile, cZ, precision), taker.rows(tile, heads))
  }

  /// A line's norms x, then its o, [L, c_z]; both in the products' format; and q | k | v | g, [L, 4 c_z].
  private static func lineWindows(
    _ l: Int, cZ: Int, _ precision: Precision, _ taker: inout Scratch.Taker
  ) -> (x: Rows, rounded: Operand, qkvg: Rows, result: Operand) {
    (
      taker.rows(l, cZ), taker.operand(l, cZ, precision), taker.spreadRows(l, 4 * cZ), taker.operand(l, cZ, precision)
    )
  }

  /// Scratch floats per thread.
  static func scratchFloats(_ length: Int, _ configuration: TrunkConfiguration, _ precision: Precision) -> Int {
    let cZ = configuration.pairWidth, heads = configuration.pairHeads
    return max(
      Scratch.floats { _ = biasWindows(PairTile.rows, cZ: cZ, heads: heads, precision, &$0) },
      Scratch.floats { _ = lineWindows(length, cZ: cZ, precision, &$0) }
        + Attention.scratchFloats(keys: length, width: configuration.pairHeadWidth, precision: precision))
  }
}
