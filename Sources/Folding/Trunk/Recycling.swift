// What one pass passes on to the next (transformers: EsmFoldingTrunk, "Recycling", EsmFoldRelativePosition).

package import Tensors
package import Weights

/// s = s0 + norm(s), z = norm(z) + distogram embedding + relative positions, in place (AlphaFold 2, algorithms 32 and 4).
package struct Recycling: Sendable {
  private let sNorm: LayerNorm, zNorm: LayerNorm
  /// [15, c_z] and [2 · bins + 2, c_z]; row 0 of the second belongs to masked pairs and is never used here.
  private let distogram: Tensor<2>, positions: Tensor<2>
  private let positionBins: Int

  package init(_ w: WeightScope, configuration: TrunkConfiguration) throws(WeightError) {
    let cZ = configuration.pairWidth
    sNorm = try LayerNorm(w["recycle_s_norm"], configuration.sequenceWidth)
    zNorm = try LayerNorm(w["recycle_z_norm"], cZ)
    distogram = try w.tensor("recycle_disto.weight", [Recycling.boundaries.count + 1, cZ])
    positionBins = configuration.positionBins
    positions = try w.tensor("pairwise_positional_embedding.embedding.weight", [2 * positionBins + 2, cZ])
  }

  /// Prepares s and z for a pass. Before the first pass both are zero, and their norms are the biases of the layer
  /// norms.
  ///
  /// - Parameters:
  ///   - betaCarbons: Positions of the last pass, Å; `nil` before the first pass, when every pair is in bin 0.
  ///   - residueIndex: Numbers whose differences are the relative positions.
  ///   - work: Buffers.
  ///   - threads: The threads to use.
  package func prepare(
    betaCarbons: [SIMD3<Float>]?, residueIndex: [Int], work: borrowing Workspace, threads: Threads
  ) {
    sNorm(work.s, into: work.s, threads: threads)
    Kernels.active.add(Rows(work.s0), to: Rows(work.s))
    let z = work.z
    threads.forEach(work.length) { i, _ in
      let line = z.row(i)  // [L, c_z]
      zNorm(line, into: line)
      for j in 0..<line.count {
        let pair = line.rows(j..<j + 1)  // [1, c_z]
        let bin = betaCarbons.map { Recycling.bin($0[i], $0[j]) } ?? 0
        Kernels.active.add(Rows(distogram).rows(bin..<bin + 1), to: pair)
        let offset = min(max(residueIndex[j] - residueIndex[i], -positionBins), positionBins) + positionBins + 1
        Kernels.active.add(Rows(positions).rows(offset..<offset + 1), to: pair)
      }
    }
  }

  /// Virtual β carbons from N, CA and C of atom14 positions [L, 14, 3], also for glycine.
  package static func betaCarbons(_ atom14: [Float]) -> [SIMD3<Float>] {
    (0..<atom14.count / 42).map { i in
      func atom(_ slot: Int) -> SIMD3<Float> {
        let at = 42 * i + 3 * slot
        return [atom14[at], atom14[at + 1], atom14[at + 2]]
      }
      let (n, ca, c) = (atom(0), atom(1), atom(2))
      let u = ca - n, v = c - ca
      let normal = SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
      // Ideal geometry of the tetrahedral carbon.
      return -0.58273431 * normal + 0.56802827 * u - 0.54067466 * v + ca
    }
  }

  /// How many of the 14 boundaries a distance exceeds.
  package static func bin(_ p: SIMD3<Float>, _ q: SIMD3<Float>) -> Int {
    let d = p - q
    let squared = (d * d).sum()
    return boundaries.reduce(0) { $0 + (squared > $1 ? 1 : 0) }
  }

  /// Squares of 14 equal steps from 3.375 to 21.375 Å.
  private static let boundaries: [Float] = (0..<14).map {
    let edge = Float(3.375 + Double($0) * (21.375 - 3.375) / 13)
    return edge * edge
  }
}
