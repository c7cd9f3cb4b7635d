// The attention weights themselves, as an output.

extension Attention {
  /// weights = softmax(scale · q kᵀ), on the calling thread.
  ///
  /// `attend` never holds all the weights; computing them here costs a second product of queries and keys, and what
  /// `attend` computes stays bit-identical.
  ///
  /// - Parameters:
  ///   - q: [Lq, d].
  ///   - k: [Lk, d].
  ///   - scale: Factor of q kᵀ.
  ///   - weights: [Lq, Lk].
  ///   - precision: The format of q and k in the product.
  ///   - scratch: `scratchFloats` floats.
  ///   - kernels: The instruction set.
  package static func weights(
    q: Rows, k: Rows, scale: Float, into weights: Rows, precision: Precision = .float32,
    scratch: inout Scratch.Taker, kernels: Kernels = .active
  ) {
    precondition(q.columns == k.columns && weights.count == q.count && weights.columns == k.count)
    let keys = kernels.packTransposed(k, precision, scratch: &scratch)
    let narrow = precision == .bfloat16 ? scratch.operand(weightsBlock, q.columns, precision) : nil
    let start = scratch
    for first in stride(from: 0, to: q.count, by: weightsBlock) {
      let block = first..<min(first + weightsBlock, q.count)
      let queries = q.rows(block), a = weights.rows(block)
      if let narrow {
        let operand = narrow.rows(0..<block.count)
        kernels.narrow(queries, into: operand)
        kernels.multiply(operand, keys, into: a)
      } else {
        kernels.multiply(queries, keys, into: a)
      }
      var taker = start
      kernels.softmax(a, scale: scale, scratch: &taker)
    }
  }

  /// Queries whose weights are computed at once, the same as in `attend`: `scratchFloats` is enough for both.
  private static let weightsBlock = 48
}
