// Scaled dot-product attention of one head, with scores for a few queries at a time.

/// Attention of one head: o = softmax(scale · q kᵀ + bias) v.
package struct Attention: Sendable {
  /// Factor of q kᵀ, 1 / √d.
  package var scale: Float
  /// The format of q, k, v and the weights in the two products.
  package var precision: Precision
  /// The instruction set.
  package var kernels: Kernels

  package init(scale: Float, precision: Precision = .float32, kernels: Kernels = .active) {
    self.scale = scale
    self.precision = precision
    self.kernels = kernels
  }

  /// What a task takes of its scratch.
  struct Windows {
    /// kᵀ, [d, Lk], and v, [Lk, d], as the products read them.
    let keys: PackedMatrix, values: PackedMatrix
    /// Scores, then softmax numerators, of a block of queries, [48, Lk].
    let a: Rows
    /// 1 / Σ_k of the numerators, [1, 48].
    let reciprocals: Rows
    /// The block's queries, [48, d], and numerators, [48, Lk], rounded; in float32 both are what they are made of.
    let queries: Operand?, weights: Operand?

    init(keys lk: Int, width d: Int, precision: Precision, kernels: Kernels, _ taker: inout Scratch.Taker) {
      keys = taker.packed(depth: d, columns: lk, precision, kernels: kernels)
      values = taker.packed(depth: lk, columns: d, precision, kernels: kernels)
      a = taker.rows(Attention.queryBlock, lk)
      reciprocals = taker.rows(1, Attention.queryBlock)
      queries = precision == .bfloat16 ? taker.operand(Attention.queryBlock, d, precision) : nil
      weights = precision == .bfloat16 ? taker.operand(Attention.queryBlock, lk, precision) : nil
    }
  }

  /// Attends in this thread; the [Lq, Lk] scores never exist as a whole.
  ///
  /// - Parameters:
  ///   - q: [Lq, d].
  ///   - k: [Lk, d].
  ///   - v: [Lk, d].
  ///   - bias: [Lq, Lk], added to the scaled scores; `nil` for none.
  ///   - o: [Lq, d]; may be q.
  ///   - scratch: `scratchFloats` floats.
  package func attend(q: Rows, k: Rows, v: Rows, bias: Rows?, into o: Rows, scratch: inout Scratch.Taker) {
    precondition(q.columns == k.columns && k.count == v.count && o.count == q.count && o.columns == v.columns)
    let windows = Windows(keys: k.count, width: k.columns, precision: precision, kernels: kernels, &scratch)
    kernels.packTransposed(k, into: windows.keys)
    kernels.pack(v, into: windows.values)
    for start in stride(from: 0, to: q.count, by: Attention.queryBlock) {
      let block = start..<min(start + Attention.queryBlock, q.count)
      let queries = q.rows(block), b = bias.map { $0.rows(block) }  // [block, d], [block, Lk]
      let a = windows.a.rows(0..<block.count)  // [block, Lk]
      if let queryRoom = windows.queries, let weightRoom = windows.weights {
        let narrow = queryRoom.rows(0..<block.count), weights = weightRoom.rows(0..<block.count)
        kernels.narrow(queries, into: narrow)
        kernels.multiply(narrow, windows.keys, into: a)
        kernels.softmaxNumerators(a, scale: scale, bias: b, into: weights, reciprocalSums: windows.reciprocals.base)
        kernels.multiply(weights, windows.values, into: o.rows(block))
      } else {
        kernels.multiply(queries, windows.keys, into: a)
        kernels.softmaxNumerators(a, scale: scale, bias: b, reciprocalSums: windows.reciprocals.base)
        kernels.multiply(a, windows.values, into: o.rows(block))
      }
      // Dividing d columns of the result is cheaper than Lk columns of the scores.
      kernels.scale(o.rows(block), by: windows.reciprocals.base)
    }
  }

  /// weights = softmax(scale · q kᵀ), in this thread.
  ///
  /// `attend` never holds the weights as a whole; who wants them pays for a second product of queries and keys, and what
  /// `attend` computes stays the same bit for bit.
  ///
  /// - Parameters:
  ///   - q: [Lq, d].
  ///   - k: [Lk, d].
  ///   - weights: [Lq, Lk].
  ///   - scratch: `scratchFloats` floats.
  package func weights(q: Rows, k: Rows, into weights: Rows, scratch: inout Scratch.Taker) {
    precondition(q.columns == k.columns && weights.count == q.count && weights.columns == k.count)
    let windows = Windows(keys: k.count, width: k.columns, precision: precision, kernels: kernels, &scratch)
    kernels.packTransposed(k, into: windows.keys)
    for first in stride(from: 0, to: q.count, by: Attention.queryBlock) {
      let block = first..<min(first + Attention.queryBlock, q.count)
      let queries = q.rows(block), a = weights.rows(block)  // [block, d], [block, Lk]
      let operand = windows.queries.map { kernels.operand(queries, in: $0.rows(0..<block.count)) } ?? Operand(queries)
      kernels.multiply(operand, windows.keys, into: a)
      kernels.softmax(a, scale: scale, sums: windows.reciprocals)
    }
  }

  /// Scratch floats that `attend` and `weights` take for Lk keys of width d.
  package static func scratchFloats(
    keys: Int, width: Int, precision: Precision = .float32, kernels: Kernels = .active
  ) -> Int {
    Scratch.floats { _ = Windows(keys: keys, width: width, precision: precision, kernels: kernels, &$0) }
  }

  /// Queries whose scores are held at once: 48 × 1024 floats are 192 KiB, which stays in the L2 cache.
  private static let queryBlock = 48
}
