// The pooler of EsmModel: tanh(dense(state of <cls>)).

import Glibc
package import Tensors
package import Weights

/// tanh(dense(first token's state)), in float32.
package struct Pooler: Sendable {
  private let dense: Linear

  /// Binds `dense` in a scope.
  package init(_ w: WeightScope, configuration: LanguageModelConfiguration) throws(WeightError) {
    dense = try Linear(w["dense"], configuration.hiddenSize, configuration.hiddenSize)
  }

  /// One row for each sequence.
  ///
  /// - Parameters:
  ///   - states: The last states [T, C].
  ///   - sequences: The rows of each sequence, none of them empty.
  ///   - work: Buffers.
  ///   - threads: The threads to use.
  /// - Returns: [n, C].
  package func callAsFunction(
    _ states: Tensor<2>, sequences: [Range<Int>], work: borrowing LanguageModelWorkspace, threads: Threads
  ) -> Tensor<2> {
    let n = sequences.count, c = states.shape[1]
    let first = Tensor<2>([n, c]), pooled = Tensor<2>([n, c])  // [n, C]
    for (row, sequence) in sequences.enumerated() {
      Rows(first).rows(row..<row + 1).copy(Rows(states).rows(sequence.lowerBound..<sequence.lowerBound + 1))
    }
    dense(first, into: pooled, scratch: work.scratch, threads: threads)
    let rows = Rows(pooled)
    for row in 0..<rows.count {
      for column in 0..<rows.columns { rows[row, column] = tanhf(rows[row, column]) }
    }
    return pooled
  }
}
