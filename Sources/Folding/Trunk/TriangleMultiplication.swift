// Triangle multiplicative update, AlphaFold 2 Suppl. Algorithms 11 (outgoing) and 12 (incoming).

package import Tensors
package import Weights

/// z_ij += σ(g_ij) · linear(norm(Σ_k a_ik b_jk)) for outgoing edges, Σ_k a_ki b_kj for incoming ones. Numbers of lines
/// are those of the algorithms.
package struct TriangleMultiplication: Sendable {
  package enum Edges: Sendable { case outgoing, incoming }

  private let lines: PairTile.Lines
  /// Of lines 1 and 4.
  private let layerNormIn: LayerNorm, layerNormOut: LayerNorm
  /// linear_a_p, linear_b_p, linear_a_g, linear_b_g side by side, line 2.
  private let linearABPG: PackedLinear
  /// Of lines 4 and 3.
  private let linearZ: PackedLinear, linearG: PackedLinear
  private let cZ: Int
  private let precision: Precision

  package init(_ w: WeightScope, edges: Edges, cZ: Int, precision: Precision) throws(WeightError) {
    // Σ_k a_ki b_kj is Σ_k a_ik b_jk of the transposed operands: incoming edges read z by columns.
    lines = edges == .outgoing ? .rows : .columns
    self.cZ = cZ
    self.precision = precision
    layerNormIn = try LayerNorm(w["layer_norm_in"], cZ)
    layerNormOut = try LayerNorm(w["layer_norm_out"], cZ)
    linearABPG = PackedLinear(
      inputs: cZ,
      [
        try PackedLinear.Layer(w["linear_a_p"], cZ, cZ), try PackedLinear.Layer(w["linear_b_p"], cZ, cZ),
        try PackedLinear.Layer(w["linear_a_g"], cZ, cZ), try PackedLinear.Layer(w["linear_b_g"], cZ, cZ),
      ], precision)
    linearZ = PackedLinear(inputs: cZ, [try PackedLinear.Layer(w["linear_z"], cZ, cZ)], precision)
    linearG = PackedLinear(inputs: cZ, [try PackedLinear.Layer(w["linear_g"], cZ, cZ)], precision)
  }

  /// z += update(z), z: [L, L, c_z].
  package func add(to z: Tensor<3>, work: borrowing Workspace, threads: Threads) {
    let a = ChannelMatrices(work.a, channels: cZ, length: work.length, precision: precision)  // [c_z, L, L]
    let b = ChannelMatrices(work.b, channels: cZ, length: work.length, precision: precision)  // [c_z, L, L]
    project(z, a, b, scratch: work.scratch, threads: threads)
    contract(a, b, length: work.length, scratch: work.scratch, threads: threads)
    finish(b, z, scratch: work.scratch, threads: threads)
  }

  /// Lines 1 and 2: a, b = linear_p(x) · σ(linear_g(x)), x = norm(z), channel-major.
  private func project(
    _ z: Tensor<3>, _ a: ChannelMatrices, _ b: ChannelMatrices, scratch: Scratch, threads: Threads
  ) {
    let l = z.shape[0]
    PairTile.forEach(length: l, threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let (x, rounded, pg) = Self.projectionWindows(tile.count, cZ: cZ, precision, &taker)
      layerNormIn(lines.line(i, of: z).rows(tile), into: x)
      linearABPG(Kernels.active.operand(x, in: rounded), into: pg)
      let p = pg.columns(0..<2 * cZ)  // a | b, [tile, 2 c_z]
      Kernels.active.gate(p, by: pg.columns(2 * cZ..<4 * cZ))
      for (operand, columns) in [(a, 0..<cZ), (b, cZ..<2 * cZ)] {
        Kernels.active.transpose(p.columns(columns), into: operand.row(i, columns: tile))
        if tile.upperBound == l { operand.padRow(i) }
      }
    }
  }

  /// Σ of line 4 for every channel c, in place of b_c: the product reads a packed copy of it.
  private func contract(
    _ a: ChannelMatrices, _ b: ChannelMatrices, length l: Int, scratch: Scratch, threads: Threads
  ) {
    threads.forEach(cZ) { c, worker in
      var taker = scratch.taker(worker)
      let packed = Self.contractionWindow(l, precision, &taker)
      let (a, b) = (a.matrix(c), b.matrix(c))  // [L, L]
      Kernels.active.packTransposed(b, into: packed)
      // A few rows at a time stay in the cache while the panels of b pass.
      for start in stride(from: 0, to: l, by: PairTile.rows) {
        let rows = start..<min(l, start + PairTile.rows)
        Kernels.active.multiply(a.rows(rows), packed, into: b.rows(rows))
      }
    }
  }

  /// Lines 3 and 4: z += linear_z(norm(product)) · σ(linear_g(x)); x is computed again, which is cheaper than keeping
  /// it.
  private func finish(_ product: ChannelMatrices, _ z: Tensor<3>, scratch: Scratch, threads: Threads) {
    PairTile.forEach(length: z.shape[0], threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let (x, rounded, g, update) = Self.finishWindows(tile.count, cZ: cZ, precision, &taker)
      let pairs = z.row(i).rows(tile)  // [tile, c_z]
      layerNormIn(pairs, into: x)
      linearG(Kernels.active.operand(x, in: rounded), into: g)
      Kernels.active.transpose(product.row(i, columns: tile), into: x)
      layerNormOut(x, into: x)
      linearZ(Kernels.active.operand(x, in: rounded), into: update)
      Kernels.active.addGated(update, by: g, to: pairs)
    }
  }

  // === Scratch ===

  /// A tile's norms x, [tile, c_z], the same in the product's format, and p_a | p_b | g_a | g_b, [tile, 4 c_z].
  private static func projectionWindows(
    _ tile: Int, cZ: Int, _ precision: Precision, _ taker: inout Scratch.Taker
  ) -> (x: Rows, rounded: Operand, pg: Rows) {
    (taker.rows(tile, cZ), taker.operand(tile, cZ, precision), taker.rows(tile, 4 * cZ))
  }

  /// A channel's bᵀ, [L, L], as the product reads it.
  private static func contractionWindow(
    _ l: Int, _ precision: Precision, _ taker: inout Scratch.Taker
  ) -> PackedMatrix {
    taker.packed(depth: l, columns: l, precision)
  }

  /// A tile's x, [tile, c_z], the same in the products' format, its gates g and its update, [tile, c_z].
  private static func finishWindows(
    _ tile: Int, cZ: Int, _ precision: Precision, _ taker: inout Scratch.Taker
  ) -> (x: Rows, rounded: Operand, g: Rows, update: Rows) {
    (taker.rows(tile, cZ), taker.operand(tile, cZ, precision), taker.rows(tile, cZ), taker.rows(tile, cZ))
  }

  /// Scratch floats per thread.
  static func scratchFloats(_ length: Int, _ configuration: TrunkConfiguration, _ precision: Precision) -> Int {
    let cZ = configuration.pairWidth
    return max(
      Scratch.floats { _ = projectionWindows(PairTile.rows, cZ: cZ, precision, &$0) },
      Scratch.floats { _ = contractionWindow(length, precision, &$0) },
      Scratch.floats { _ = finishWindows(PairTile.rows, cZ: cZ, precision, &$0) })
  }
}
