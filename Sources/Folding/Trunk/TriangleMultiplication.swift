// Triangle multiplicative update, AlphaFold 2 Suppl. Algorithms 11 (outgoing) and 12 (incoming).

package import Tensors
package import Weights

/// z_ij += σ(g_ij) · linear(norm(Σ_k a_ik b_jk)) for outgoing edges, Σ_k a_ki b_kj for incoming ones.
package struct TriangleMultiplication: Sendable {
  package enum Edges: Sendable { case outgoing, incoming }

  private let lines: PairTile.Lines
  private let layerNormIn: LayerNorm, layerNormOut: LayerNorm
  /// linear_a_p, linear_b_p, linear_a_g, linear_b_g side by side.
  private let linearABPG: PackedLinear
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
    let a = ChannelMatrices(work.a, channels: cZ, length: work.length, precision: precision)
    let b = ChannelMatrices(work.b, channels: cZ, length: work.length, precision: precision)
    project(z, a, b, scratch: work.scratch, threads: threads)
    contract(a, b, length: work.length, scratch: work.scratch, threads: threads)
    finish(a, z, scratch: work.scratch, threads: threads)
  }

  /// a, b = linear_p(x) · σ(linear_g(x)), x = norm(z), channel-major.
  private func project(
    _ z: Tensor<3>, _ a: ChannelMatrices, _ b: ChannelMatrices, scratch: Scratch, threads: Threads
  ) {
    let l = z.shape[0]
    PairTile.forEach(length: l, threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let x = taker.rows(tile.count, cZ), pg = taker.rows(tile.count, 4 * cZ)
      layerNormIn(lines.line(i, of: z).rows(tile), into: x)
      linearABPG(taker.operand(x, precision), into: pg)
      let p = pg.columns(0..<2 * cZ)
      Kernels.active.gate(p, by: pg.columns(2 * cZ..<4 * cZ))
      for (operand, columns) in [(a, 0..<cZ), (b, cZ..<2 * cZ)] {
        Kernels.active.transpose(p.columns(columns), into: operand.row(i, columns: tile))
        if tile.upperBound == l { operand.padRow(i) }
      }
    }
  }

  /// a_c = a_c · b_cᵀ for every channel c, a few rows at a time so that the product can take the operand's place.
  private func contract(
    _ a: ChannelMatrices, _ b: ChannelMatrices, length l: Int, scratch: Scratch, threads: Threads
  ) {
    threads.forEach(cZ) { c, worker in
      var taker = scratch.taker(worker)
      let product = taker.operand(PairTile.rows, l, precision)
      let packed = Kernels.active.packTransposed(b.matrix(c), scratch: &taker)
      for start in stride(from: 0, to: l, by: PairTile.rows) {
        let rows = a.matrix(c).rows(start..<min(l, start + PairTile.rows))
        let result = product.rows(0..<rows.count)
        Kernels.active.multiply(rows, packed, into: result)
        rows.copy(result)
      }
    }
  }

  /// z += linear_z(norm(product)) · σ(linear_g(x)); x is made again, which is cheaper than keeping it.
  private func finish(_ product: ChannelMatrices, _ z: Tensor<3>, scratch: Scratch, threads: Threads) {
    PairTile.forEach(length: z.shape[0], threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let x = taker.rows(tile.count, cZ), update = taker.rows(tile.count, cZ), gate = taker.rows(tile.count, cZ)
      let pairs = z.row(i).rows(tile)
      layerNormIn(pairs, into: x)
      linearG(taker.operand(x, precision), into: gate)
      Kernels.active.transpose(product.row(i, columns: tile), into: x)
      layerNormOut(x, into: x)
      linearZ(taker.operand(x, precision), into: update)
      Kernels.active.addGated(update, by: gate, to: pairs)
    }
  }

  /// Scratch floats per thread.
  static func scratchFloats(_ length: Int, _ configuration: TrunkConfiguration, _ precision: Precision) -> Int {
    let cZ = configuration.pairWidth
    let contraction =
      Scratch.rounded(precision.floats(PairTile.rows, length))
      + Scratch.rounded(Kernels.active.packedCount(columns: length, depth: length, precision))
    // Rows, and their rounded copies.
    return max(
      PairTile.scratchFloats(cZ, 4 * cZ, cZ + 1), PairTile.scratchFloats(cZ, cZ, cZ, cZ + 1, cZ + 1), contraction)
  }
}
