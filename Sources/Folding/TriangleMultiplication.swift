// Triangle multiplicative update, AlphaFold 2 Suppl. Algorithms 11 (outgoing) and 12 (incoming).

import Tensors
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

  package init(_ w: WeightScope, edges: Edges, cZ: Int) throws(WeightError) {
    // Σ_k a_ki b_kj is Σ_k a_ik b_jk of the transposed operands: incoming edges read z by columns.
    lines = edges == .outgoing ? .rows : .columns
    self.cZ = cZ
    layerNormIn = try LayerNorm(w["layer_norm_in"], cZ)
    layerNormOut = try LayerNorm(w["layer_norm_out"], cZ)
    linearABPG = PackedLinear(
      inputs: cZ,
      [
        try PackedLinear.Layer(w["linear_a_p"], cZ, cZ), try PackedLinear.Layer(w["linear_b_p"], cZ, cZ),
        try PackedLinear.Layer(w["linear_a_g"], cZ, cZ), try PackedLinear.Layer(w["linear_b_g"], cZ, cZ),
      ])
    linearZ = PackedLinear(inputs: cZ, [try PackedLinear.Layer(w["linear_z"], cZ, cZ)])
    linearG = PackedLinear(inputs: cZ, [try PackedLinear.Layer(w["linear_g"], cZ, cZ)])
  }

  /// z += update(z), z: [L, L, c_z].
  func add(to z: Tensor<3>, work: borrowing Workspace, threads: Threads) {
    let l = work.length
    let a = work.a.viewed(as: [cZ, l, l]), b = work.b.viewed(as: [cZ, l, l])
    project(z, a, b, scratch: work.scratch, threads: threads)
    contract(a, b, scratch: work.scratch, threads: threads)
    finish(a, z, scratch: work.scratch, threads: threads)
  }

  /// a, b = linear_p(x) · σ(linear_g(x)), x = norm(z), channel-major: one [L, L] matrix per channel.
  private func project(_ z: Tensor<3>, _ a: Tensor<3>, _ b: Tensor<3>, scratch: Scratch, threads: Threads) {
    let l = z.shape[0]
    PairTile.forEach(length: l, threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let x = taker.rows(tile.count, cZ), pg = taker.rows(tile.count, 4 * cZ)
      layerNormIn(lines.line(i, of: z).rows(tile), into: x)
      linearABPG(x, into: pg)
      let p = pg.columns(0..<2 * cZ)
      Kernels.active.gate(p, by: pg.columns(2 * cZ..<4 * cZ))
      for (operand, columns) in [(a, 0..<cZ), (b, cZ..<2 * cZ)] {
        Kernels.active.transpose(p.columns(columns), into: operand.channels(row: i, columns: tile))
      }
    }
  }

  /// a_c = a_c · b_cᵀ for every channel c, a few rows at a time so that the product can take the operand's place.
  private func contract(_ a: Tensor<3>, _ b: Tensor<3>, scratch: Scratch, threads: Threads) {
    let l = a.shape[1]
    threads.forEach(cZ) { c, worker in
      var taker = scratch.taker(worker)
      let product = taker.rows(PairTile.rows, l)
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
  private func finish(_ product: Tensor<3>, _ z: Tensor<3>, scratch: Scratch, threads: Threads) {
    PairTile.forEach(length: z.shape[0], threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let x = taker.rows(tile.count, cZ), update = taker.rows(tile.count, cZ), gate = taker.rows(tile.count, cZ)
      let pairs = z.row(i).rows(tile)
      layerNormIn(pairs, into: x)
      linearG(x, into: gate)
      Kernels.active.transpose(product.channels(row: i, columns: tile), into: x)
      layerNormOut(x, into: x)
      linearZ(x, into: update)
      Kernels.active.addGated(update, by: gate, to: pairs)
    }
  }

  /// Scratch floats per thread.
  static func scratchFloats(_ length: Int, _ configuration: TrunkConfiguration) -> Int {
    let cZ = configuration.pairWidth
    let contraction =
      Scratch.rounded(PairTile.rows * length)
      + Scratch.rounded(Kernels.active.packedCount(columns: length, depth: length))
    return max(PairTile.scratchFloats(cZ, 4 * cZ), PairTile.scratchFloats(cZ, cZ, cZ), contraction)
  }
}

extension Tensor where rank == 3 {
  /// Part of one row of every matrix of a channel-major pair tensor [C, L, L]: C rows of `columns`.
  func channels(row i: Int, columns: Range<Int>) -> Rows {
    Rows(base: pointer + i * shape[2], count: shape[0], columns: shape[2], stride: shape[1] * shape[2])
      .columns(columns)
  }
}
