// Invariant point attention, AlphaFold 2 Suppl. Algorithm 22 (transformers: EsmFoldInvariantPointAttention).

import Glibc
package import Tensors
package import Weights

/// Attention over residues whose scores see distances between points in the residues' frames, and whose result does not
/// change when all frames are moved together.
package struct InvariantPointAttention: Sendable {
  private let linearQ: Linear, linearKV: Linear, linearQPoints: Linear, linearKVPoints: Linear, linearOut: Linear
  private let linearB: PackedLinear
  /// γ_h · √(1 / (3 · 9/2 · P_q)) / 2: the factor of a head's squared distances.
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

  /// √(1/3) · linear_b(z) of every head, [H, L, L], which is the same in every iteration.
  package func pairBias(_ z: Tensor<3>, into bias: Tensor<3>, scratch: Scratch, threads: Threads) {
    let l = z.shape[0], h = configuration.heads
    PairTile.forEach(length: l, threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let b = taker.rows(tile.count, h), scaled = taker.rows(tile.count, h)
      linearB(z.row(i).rows(tile), into: b)
      scaled.fill(0)
      Kernels.active.add(b, scaledBy: Float(1.0 / 3).squareRoot(), to: scaled)
      Kernels.active.transpose(scaled, into: bias.channels(row: i, columns: tile))
    }
  }

  /// out = ipa(s, z, frames).
  ///
  /// - Parameters:
  ///   - s: [L, c].
  ///   - z: [L, L, c_z].
  ///   - bias: From `pairBias`, [H, L, L].
  ///   - weights: Takes the attention weights, [H, L, L].
  ///   - frames: One per residue.
  ///   - out: [L, c].
  ///   - work: The module's buffers.
  ///   - scratch: `scratchFloats` per thread.
  ///   - threads: Who does the work.
  package func callAsFunction(
    _ s: Tensor<2>, z: Tensor<3>, bias: Tensor<3>, weights: Tensor<3>, frames: [Rigid], into out: Tensor<2>,
    work: borrowing StructureWorkspace, scratch: Scratch, threads: Threads
  ) {
    linearQ(s, into: work.q, scratch: scratch, threads: threads)
    linearKV(s, into: work.kv, scratch: scratch, threads: threads)
    linearQPoints(s, into: work.qPoints, scratch: scratch, threads: threads)
    linearKVPoints(s, into: work.kvPoints, scratch: scratch, threads: threads)
    place(work.qPoints, frames)
    place(work.kvPoints, frames)
    let (q, kv, qPoints, kvPoints, features) = (work.q, work.kv, work.qPoints, work.kvPoints, work.features)
    threads.forEach(configuration.heads) { head, worker in
      var taker = scratch.taker(worker)
      attend(
        head, Rows(q), Rows(kv), Rows(qPoints), Rows(kvPoints), bias.matrix(head), weights.matrix(head), frames,
        Rows(features), &taker)
    }
    gatherPairs(z, weights, into: features, scratch: scratch, threads: threads)
    linearOut(features, into: out, scratch: scratch, threads: threads)
  }

  /// Moves points [L, 3n], blocks x, y, z, from their residues' frames into the global one.
  private func place(_ points: Tensor<2>, _ frames: [Rigid]) {
    let rows = Rows(points), n = points.shape[1] / 3
    for (i, frame) in frames.enumerated() {
      for p in 0..<n {
        let moved = frame.apply([rows[i, p], rows[i, n + p], rows[i, 2 * n + p]])
        rows[i, p] = moved.x
        rows[i, n + p] = moved.y
        rows[i, 2 * n + p] = moved.z
      }
    }
  }

  /// One head: its weights [L, L], and its scalars and points in the features.
  private func attend(
    _ head: Int, _ q: Rows, _ kv: Rows, _ qPoints: Rows, _ kvPoints: Rows, _ bias: Rows, _ weights: Rows,
    _ frames: [Rigid], _ features: Rows, _ taker: inout Scratch.Taker
  ) {
    let l = q.count, h = configuration.heads, d = configuration.headWidth
    let pq = configuration.queryPoints, pv = configuration.valuePoints, p = pq + pv

    // The head's key points by coordinate, [3 P_q, L], and its values beside its value points, [L, d + 3 P_v].
    let keyPoints = taker.rows(3 * pq, l), values = taker.rows(l, d + 3 * pv), gathered = taker.rows(l, d + 3 * pv)
    for axis in 0..<3 {
      let start = axis * h * p + head * p
      Kernels.active.transpose(
        kvPoints.columns(start..<start + pq), into: keyPoints.rows(axis * pq..<(axis + 1) * pq))
      values.columns(d + axis * pv..<d + (axis + 1) * pv).copy(kvPoints.columns(start + pq..<start + p))
    }
    values.columns(0..<d).copy(kv.columns((2 * head + 1) * d..<(2 * head + 2) * d))

    // a_ij = √(1 / 3d) q_i · k_j + √(1/3) b_ij − γ/2 … Σ_p |q_ip − k_jp|²
    let keys = Kernels.active.packTransposed(kv.columns(2 * head * d..<(2 * head + 1) * d), scratch: &taker)
    Kernels.active.multiply(q.columns(head * d..<(head + 1) * d), keys, into: weights)
    let query = taker.rows(1, 3 * pq), offset = taker.rows(1, l)
    for i in 0..<l {
      for axis in 0..<3 {
        query.columns(axis * pq..<(axis + 1) * pq)
          .copy(qPoints.rows(i..<i + 1).columns(axis * h * pq + head * pq..<axis * h * pq + (head + 1) * pq))
      }
      offset.copy(bias.rows(i..<i + 1))
      Kernels.active.addSquaredDistances(query, keyPoints, scaledBy: -distanceWeights[head], to: offset)
      var rest = taker
      Kernels.active.softmax(
        weights.rows(i..<i + 1), scale: (1 / Float(3 * d)).squareRoot(), bias: offset, scratch: &rest)
    }
    let packedValues = Kernels.active.pack(values, scratch: &taker)
    Kernels.active.multiply(weights, packedValues, into: gathered)

    // Order of linear_out's input: o, then all heads' points as x, y, z and norm, then o_pair.
    features.columns(head * d..<(head + 1) * d).copy(gathered.columns(0..<d))
    let points = h * d + head * pv, block = h * pv
    for i in 0..<l {
      for point in 0..<pv {
        let global = SIMD3(
          gathered[i, d + point], gathered[i, d + pv + point], gathered[i, d + 2 * pv + point])
        let local = frames[i].applyInverse(global)
        features[i, points + point] = local.x
        features[i, points + block + point] = local.y
        features[i, points + 2 * block + point] = local.z
        features[i, points + 3 * block + point] = ((local * local).sum() + configuration.epsilon).squareRoot()
      }
    }
  }

  /// o_pair_ih = Σ_j a_hij z_ij.
  private func gatherPairs(
    _ z: Tensor<3>, _ weights: Tensor<3>, into features: Tensor<2>, scratch: Scratch, threads: Threads
  ) {
    let l = z.shape[0], h = configuration.heads, c = configuration.pairWidth
    let start = h * (configuration.headWidth + 4 * configuration.valuePoints)
    threads.forEach(l) { i, worker in
      var taker = scratch.taker(worker)
      let pairs = Kernels.active.pack(z.row(i), scratch: &taker)
      let out = Rows(
        base: features.pointer + i * features.shape[1] + start, count: h, columns: c, stride: c)
      Kernels.active.multiply(weights.channels(row: i, columns: 0..<l), pairs, into: out)
    }
  }

  /// Scratch floats per thread.
  package static func scratchFloats(_ length: Int, _ configuration: StructureModuleConfiguration) -> Int {
    let kernels = Kernels.active
    let h = configuration.heads, d = configuration.headWidth
    let pq = configuration.queryPoints, pv = configuration.valuePoints
    let head =
      Scratch.rounded(3 * pq * length) + 2 * Scratch.rounded(length * (d + 3 * pv))
      + Scratch.rounded(kernels.packedCount(columns: length, depth: d)) + Scratch.rounded(3 * pq)
      + 2 * Scratch.rounded(length)
      + Scratch.rounded(kernels.packedCount(columns: d + 3 * pv, depth: length)) + Scratch.rounded(1)
    let pairs = Scratch.rounded(kernels.packedCount(columns: configuration.pairWidth, depth: length))
    return max(head, pairs, PairTile.scratchFloats(h, h))
  }
}
