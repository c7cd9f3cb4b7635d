// Scaled dot-product attention of one head, with the scores of a few queries at a time.

/// Attention of one head: o = softmax(scale · q kᵀ + bias) v.
package enum Attention {
  /// Attends in this thread; the [Lq, Lk] scores never exist as a whole.
  ///
  /// - Parameters:
  ///   - q: [Lq, d].
  ///   - k: [Lk, d].
  ///   - v: [Lk, d].
  ///   - bias: [Lq, Lk], added to the scaled scores; `nil` for none.
  ///   - scale: Factor of q kᵀ.
  ///   - o: [Lq, d]; may be q.
  ///   - scratch: `scratchFloats` floats.
  ///   - kernels: The instruction set.
  package static func attend(
    q: Rows, k: Rows, v: Rows, bias: Rows?, scale: Float, into o: Rows, scratch: inout Scratch.Taker,
    kernels: Kernels = .active
  ) {
    precondition(q.columns == k.columns && k.count == v.count && o.count == q.count && o.columns == v.columns)
    let keys = kernels.packTransposed(k, scratch: &scratch)
    let values = kernels.pack(v, scratch: &scratch)
    let scores = scratch.rows(queryBlock, k.count)
    let reciprocals = scratch.floats(queryBlock)
    for start in stride(from: 0, to: q.count, by: queryBlock) {
      let block = start..<min(start + queryBlock, q.count)
      let a = scores.rows(0..<block.count)
      kernels.multiply(q.rows(block), keys, into: a)
      kernels.softmaxNumerators(a, scale: scale, bias: bias.map { $0.rows(block) }, reciprocalSums: reciprocals)
      kernels.multiply(a, values, into: o.rows(block))
      // Dividing d columns of the result is cheaper than Lk columns of the scores.
      kernels.scale(o.rows(block), by: reciprocals)
    }
  }

  /// Scratch floats that `attend` takes.
  package static func scratchFloats(keys: Int, width: Int, kernels: Kernels = .active) -> Int {
    Scratch.rounded(kernels.packedCount(columns: keys, depth: width))
      + Scratch.rounded(kernels.packedCount(columns: width, depth: keys))
      + Scratch.rounded(queryBlock * keys) + Scratch.rounded(queryBlock)
  }

  /// Queries whose scores are held at once: 48 × 1024 floats are 192 KiB, which stays in a second-level cache.
  private static let queryBlock = 48
}
