// One head of invariant point attention (AlphaFold 2 Suppl. Algorithm 22, lines 7, 9 and 10).

import Tensors

/// One head in one task: its parts of the shared buffers, and its windows of scratch.
struct PointAttentionHead {
  /// Queries, keys and values, [L, d].
  let q: Rows, k: Rows, v: Rows
  /// Query and key points, [L, P_q], and value points, [L, P_v], in the global frame.
  let qPoints: Points, kPoints: Points, vPoints: Points
  /// √(1/3) b_ij, [L, L].
  let bias: Rows
  /// The attention weights, [L, L].
  let a: Rows
  /// Where the results go: o, [L, d], its points in the residues' frames, [L, P_v], and their norms, [L, P_v].
  let o: Rows, oPoints: Points, oNorms: Rows
  private let windows: Windows

  /// Some points of every residue: a window of columns for each coordinate, [L, P].
  struct Points {
    let x: Rows, y: Rows, z: Rows

    /// Points `range` of rows that hold `count` points as blocks x, y, z.
    init(_ rows: Rows, _ range: Range<Int>, of count: Int) {
      x = rows.columns(range.lowerBound..<range.upperBound)
      y = rows.columns(count + range.lowerBound..<count + range.upperBound)
      z = rows.columns(2 * count + range.lowerBound..<2 * count + range.upperBound)
    }

    subscript(axis: Int) -> Rows { axis == 0 ? x : axis == 1 ? y : z }
  }

  /// What a task takes of its scratch.
  struct Windows {
    /// Key points by coordinate, [3 P_q, L].
    let kPoints: Rows
    /// Values beside value points, [L, d + 3 P_v], and Σ_j a_ij of them.
    let values: Rows, gathered: Rows
    /// kᵀ, [d, L], and the values, [L, d + 3 P_v], as the products read them.
    let packedKeys: PackedMatrix, packedValues: PackedMatrix
    /// For one residue i: its query points, [1, 3 P_q], what is added to its scores, [1, L], and 1 / their sum.
    let point: Rows, offset: Rows, sum: Rows

    init(length l: Int, _ configuration: StructureModuleConfiguration, _ taker: inout Scratch.Taker) {
      let d = configuration.headWidth, pq = configuration.queryPoints, pv = configuration.valuePoints
      kPoints = taker.rows(3 * pq, l)
      values = taker.rows(l, d + 3 * pv)
      gathered = taker.rows(l, d + 3 * pv)
      packedKeys = taker.packed(depth: d, columns: l)
      packedValues = taker.packed(depth: l, columns: d + 3 * pv)
      point = taker.rows(1, 3 * pq)
      offset = taker.rows(1, l)
      sum = taker.rows(1, 1)
    }
  }

  /// The parts of one head.
  init(
    _ head: Int, of buffers: PointAttentionBuffers, _ configuration: StructureModuleConfiguration,
    _ taker: inout Scratch.Taker
  ) {
    let h = configuration.heads, d = configuration.headWidth
    let pq = configuration.queryPoints, pv = configuration.valuePoints, p = pq + pv
    let kv = Rows(buffers.kv), kvPoints = Rows(buffers.kvPoints), features = Rows(buffers.features)
    q = Rows(buffers.q).columns(head * d..<(head + 1) * d)
    k = kv.columns(2 * head * d..<(2 * head + 1) * d)
    v = kv.columns((2 * head + 1) * d..<(2 * head + 2) * d)
    qPoints = Points(Rows(buffers.qPoints), head * pq..<(head + 1) * pq, of: h * pq)
    kPoints = Points(kvPoints, head * p..<head * p + pq, of: h * p)
    vPoints = Points(kvPoints, head * p + pq..<(head + 1) * p, of: h * p)
    bias = buffers.bias.matrix(head)
    a = buffers.a.matrix(head)
    o = features.columns(head * d..<(head + 1) * d)
    let points = features.columns(h * d..<h * (d + 4 * pv))
    oPoints = Points(points, head * pv..<(head + 1) * pv, of: h * pv)
    oNorms = points.columns((3 * h + head) * pv..<(3 * h + head + 1) * pv)
    windows = Windows(length: q.count, configuration, &taker)
  }

  /// Line 7: a_ij = softmax_j(√(1/3d) q_i · k_j + √(1/3) b_ij − w Σ_p |q_ip − k_jp|²).
  ///
  /// - Parameter w: The factor of the squared distances, w_L γ w_C / 2 of the supplement.
  func weigh(distances w: Float) {
    let kernels = Kernels.active, l = q.count, d = q.columns, pq = qPoints.x.columns
    let (point, offset) = (windows.point, windows.offset)
    // q_i · k_j of all pairs, [L, L].
    kernels.packTransposed(k, into: windows.packedKeys)
    kernels.multiply(q, windows.packedKeys, into: a)
    for axis in 0..<3 {
      kernels.transpose(kPoints[axis], into: windows.kPoints.rows(axis * pq..<(axis + 1) * pq))
    }
    for i in 0..<l {
      for axis in 0..<3 {
        point.columns(axis * pq..<(axis + 1) * pq).copy(qPoints[axis].rows(i..<i + 1))
      }
      offset.copy(bias.rows(i..<i + 1))
      kernels.addSquaredDistances(point, windows.kPoints, scaledBy: -w, to: offset)
      kernels.softmax(a.rows(i..<i + 1), scale: (1 / Float(3 * d)).squareRoot(), bias: offset, sums: windows.sum)
    }
  }

  /// Lines 9 and 10: o_i = Σ_j a_ij v_j, and the points T_i⁻¹ ∘ Σ_j a_ij v_jp with their norms.
  func gather(_ frames: [Rigid], epsilon: Float) {
    let kernels = Kernels.active, l = q.count, d = v.columns, pv = vPoints.x.columns
    let (values, gathered) = (windows.values, windows.gathered)
    values.columns(0..<d).copy(v)
    for axis in 0..<3 {
      values.columns(d + axis * pv..<d + (axis + 1) * pv).copy(vPoints[axis])
    }
    kernels.pack(values, into: windows.packedValues)
    kernels.multiply(a, windows.packedValues, into: gathered)

    o.copy(gathered.columns(0..<d))
    for i in 0..<l {
      for p in 0..<pv {
        let global = SIMD3(gathered[i, d + p], gathered[i, d + pv + p], gathered[i, d + 2 * pv + p])
        let local = frames[i].applyInverse(global)
        oPoints.x[i, p] = local.x
        oPoints.y[i, p] = local.y
        oPoints.z[i, p] = local.z
        oNorms[i, p] = ((local * local).sum() + epsilon).squareRoot()
      }
    }
  }
}
