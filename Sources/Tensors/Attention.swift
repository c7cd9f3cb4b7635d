// Scaled dot-product attention of one head, with scores for a few queries at a time.

/// Attention of one head: o = softmax(scale · q kᵀ + bias) v.
package enum Attention {
  /// Attends on the calling thread; the full [Lq, Lk] scores are never held.
  ///
  /// - Parameters:
  ///   - q: [Lq, d].
  ///   - k: [Lk, d].
  ///   - v: [Lk, d].
  ///   - bias: [Lq, Lk], added to the scaled scores; `nil` for none.
  ///   - scale: Factor of q kᵀ.
  ///   - o: [Lq, d]; may be q.
  ///   - precision: The format of q, k, v and the weights in the two products.
  ///   - scratch: `scratchFloats` floats.
  ///   - kernels: The instruction set.
  package static func attend(
    q: Rows, k: Rows, v: Rows, bias: Rows?, scale: Float, into o: Rows, precision: Precision = .float32,
    scratch: inout Scratch.Taker, kernels: Kernels = .active
  ) {
    precondition(q.columns == k.columns && k.count == v.count && o.count == q.count && o.columns == v.columns)
    let keys = kernels.packTransposed(k, precision, scratch: &scratch)
    let values = kernels.pack(v, precision, scratch: &scratch)
    let scores = scratch.rows(queryBlock, k.count)
    let reciprocals = scratch.floats(queryBlock)
    // In float32 both are the operands themselves and take no space.
    let narrowQueries = precision == .bfloat16 ? scratch.operand(queryBlock, q.columns, precision) : nil
    let narrowWeights = precision == .bfloat16 ? scratch.operand(queryBlock, k.count, precision) : nil
    for start in stride(from: 0, to: q.count, by: queryBlock) {
      let block = start..<min(start + queryBlock, q.count)
      let a = scores.rows(0..<block.count), queries = q.rows(block), b = bias.map { $0.rows(block) }
      if let narrowQueries, let narrowWeights {
        let narrow = narrowQueries.rows(0..<block.count), weights = narrowWeights.rows(0..<block.count)
        kernels.narrow(queries, into: narrow)
        kernels.multiply(narrow, keys, into: a)
        kernels.softmaxNumerators(a, scale: scale, bias: b, into: weights, reciprocalSums: reciprocals)
        kernels.multiply(weights, values, into: o.rows(block))
      } else {
        kernels.multiply(queries, keys, into: a)
        kernels.softmaxNumerators(a, scale: scale, bias: b, reciprocalSums: reciprocals)
        kernels.multiply(a, values, into: o.rows(block))
      }
      // Dividing d columns of the result is cheaper than dividing Lk columns of the scores.
      kernels.scale(o.rows(block), by: reciprocals)
    }
  }

  /// Scratch floats that `attend` needs.
  package static func scratchFloats(
    keys: Int, width: Int, precision: Precision = .float32, kernels: Kernels = .active
  ) -> Int {
    let operands =
      Scratch.rounded(kernels.packedCount(columns: keys, depth: width, precision))
      + Scratch.rounded(kernels.packedCount(columns: width, depth: keys, precision))
    let narrow =
      precision == .float32
      ? 0 : Scratch.rounded(precision.floats(queryBlock, width)) + Scratch.rounded(precision.floats(queryBlock, keys))
    return operands + narrow + Scratch.rounded(queryBlock * keys) + Scratch.rounded(queryBlock)
  }

  /// Queries whose scores are held at once: 48 × 1024 floats are 192 KiB, which stays in the L2 cache.
  private static let queryBlock = 48
}
