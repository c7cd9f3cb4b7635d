// Invariant point attention, AlphaFold 2 Suppl. Algorithm 22 (transformers: EsmFoldInvariantPointAttention).

import Glibc
package import Tensors
package import Weights

/// Attention over residues whose scores depend on distances between points in the residues' frames, and whose result is
/// invariant under rigid motions of all frames.
package struct InvariantPointAttention: Sendable {
  /// Of lines 1 to 3 and 11, over the sequence.
  private let linearQ: Linear, linearKV: Linear, linearQPoints: Linear, linearKVPoints: Linear, linearOut: Linear
  /// Of line 4, over pairs.
  private let linearB: PackedLinear
  /// w_L γ_h w_C / 2 = γ_h · √(1 / (3 · 9/2 · P_q)) / 2 of lines 5 to 7: the factor of a head's squared distances.
  private let distanceWeights: [Float]
  private let configuration: StructureModuleConfiguration

  package init(_ w: WeightScope, configuration: StructureModuleConfiguration) throws(WeightError) {
    let c = configuration.sequenceWidth, h = configuration.heads, d = configuration.headWidth
    let pq = configuration.queryPoints, pv = configuration.valuePoints
    self.configuration = configuration
    linearQ = try Linear(w["linear_q"], c, h * d)
    linearKV = try Linear(w["linear_kv"], c, 2 * h * d)
    linearQPoints = try Linear(w["linear_q_points"], c, 3 * h * pq)
    linearKVPoints = try Linear(w["linear_kv_points"], c, 3 * h * (pq + pv))
    linearB = PackedLinear(
      inputs: configuration.pairWidth, [try PackedLinear.Layer(w["linear_b"], configuration.pairWidth, h)])
    linearOut = try Linear(w["linear_out"], configuration.featureWidth, c)
    let normal = (1 / (3 * (Float(pq) * 9 / 2))).squareRoot()
    distanceWeights = try w.floats("head_weights", [h]).map {
      0.5 * normal * log1pf(expf(-abs($0))) + 0.5 * normal * max($0, 0)
    }
  }

  /// Line 4 and √(1/3) of line 7: bias = √(1/3) · linear_b(z), the same in every iteration.
  package func makePairBias(work: borrowing StructureWorkspace, threads: Threads) {
    let z = work.z, bias = work.attention.bias  // [L, L, c_z], [H, L, L]
    let scratch = work.scratch, h = configuration.heads
    PairTile.forEach(length: z.shape[0], threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let (b, scaled) = Self.biasWindows(tile.count, heads: h, &taker)
      linearB(z.row(i).rows(tile), into: b)
      scaled.fill(0)
      Kernels.active.add(b, scaledBy: Float(1.0 / 3).squareRoot(), to: scaled)
      Kernels.active.transpose(scaled, into: bias.channels(row: i, columns: tile))
    }
  }

  /// out = ipa(s, z, frames), with the workspace's z and its bias.
  ///
  /// - Parameters:
  ///   - s: [L, c].
  ///   - frames: One for each residue.
  ///   - out: [L, c].
  ///   - work: Buffers; z and the attention's bias are read.
  ///   - threads: The threads to use.
  package func callAsFunction(
    _ s: Tensor<2>, frames: [Rigid], into out: Tensor<2>, work: borrowing StructureWorkspace, threads: Threads
  ) {
    let z = work.z, buffers = work.attention, scratch = work.scratch
    // Lines 1 to 3: scalars and points of all heads; points go from the residues' frames into the global one.
    linearQ(s, into: buffers.q, scratch: scratch, threads: threads)
    linearKV(s, into: buffers.kv, scratch: scratch, threads: threads)
    linearQPoints(s, into: buffers.qPoints, scratch: scratch, threads: threads)
    linearKVPoints(s, into: buffers.kvPoints, scratch: scratch, threads: threads)
    place(buffers.qPoints, frames)
    place(buffers.kvPoints, frames)
    // Lines 5 to 7, 9 and 10.
    threads.forEach(configuration.heads) { index, worker in
      var taker = scratch.taker(worker)
      let head = PointAttentionHead(index, of: buffers, configuration, &taker)
      head.weigh(distances: distanceWeights[index])
      head.gather(frames, epsilon: configuration.epsilon)
    }
    // Line 8.
    gatherPairs(z, buffers, scratch: scratch, threads: threads)
    // Line 11.
    linearOut(buffers.features, into: out, scratch: scratch, threads: threads)
  }

  /// Moves points [L, 3n], blocks x, y, z, from their residues' frames into the global one.
  private func place(_ points: Tensor<2>, _ frames: [Rigid]) {
    let rows = Rows(points), n = points.shape[1] / 3
    for (i, frame) in frames.enumerated() {
      let row = rows.values(ofRow: i)
      for p in 0..<n {
        let moved = frame.apply([row[p], row[n + p], row[2 * n + p]])
        row[p] = moved.x
        row[n + p] = moved.y
        row[2 * n + p] = moved.z
      }
    }
  }

  /// Line 8: o_pair_ih = Σ_j a_hij z_ij, the last H c_z features.
  private func gatherPairs(
    _ z: Tensor<3>, _ buffers: PointAttentionBuffers, scratch: Scratch, threads: Threads
  ) {
    let l = z.shape[0], h = configuration.heads, c = configuration.pairWidth
    let a = buffers.a, features = buffers.features  // [H, L, L], [L, H (d + 4 P_v + c_z)]
    let start = h * (configuration.headWidth + 4 * configuration.valuePoints)
    threads.forEach(l) { i, worker in
      var taker = scratch.taker(worker)
      let pairs = Self.pairWindow(length: l, width: c, &taker)
      Kernels.active.pack(z.row(i), into: pairs)
      // Residue i's features as one row for each head, [H, c_z].
      let out = Rows(base: features.pointer + i * features.shape[1] + start, count: h, columns: c, stride: c)
      Kernels.active.multiply(a.channels(row: i, columns: 0..<l), pairs, into: out)
    }
  }

  // === Scratch ===

  /// A tile's b and √(1/3) b, [tile, H].
  private static func biasWindows(
    _ tile: Int, heads: Int, _ taker: inout Scratch.Taker
  ) -> (b: Rows, scaled: Rows) {
    (taker.rows(tile, heads), taker.rows(tile, heads))
  }

  /// Row i of z, [L, c_z], as the product reads it.
  private static func pairWindow(length: Int, width: Int, _ taker: inout Scratch.Taker) -> PackedMatrix {
    taker.packed(depth: length, columns: width)
  }

  /// Scratch floats per thread.
  static func scratchFloats(_ length: Int, _ configuration: StructureModuleConfiguration) -> Int {
    max(
      Scratch.floats { _ = PointAttentionHead.Windows(length: length, configuration, &$0) },
      Scratch.floats { _ = pairWindow(length: length, width: configuration.pairWidth, &$0) },
      Scratch.floats { _ = biasWindows(PairTile.rows, heads: configuration.heads, &$0) })
  }
}
