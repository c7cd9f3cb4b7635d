// Heads that read the state of a sequence's first token, and the one that reads every token's (transformers: EsmPooler,
// EsmClassificationHead, EsmForTokenClassification).

import Glibc
import Tensors
package import Weights

/// tanh(dense(first token's state)), in float32.
package struct Pooler: Sendable {
  private let dense: Linear

  /// Binds `dense` below a place.
  package init(_ w: WeightScope, configuration: LanguageModelConfiguration) throws(WeightError) {
    dense = try Linear(w["dense"], configuration.hiddenSize, configuration.hiddenSize)
  }

  /// One row for each sequence.
  ///
  /// - Parameters:
  ///   - states: The last states [T, C].
  ///   - sequences: The rows of each sequence, none of them empty.
  ///   - work: Buffers.
  ///   - threads: Who does the work.
  /// - Returns: [n, C].
  func callAsFunction(
    _ states: Tensor<2>, sequences: [Range<Int>], work: borrowing LanguageModelWorkspace, threads: Threads
  ) -> Tensor<2> {
    let first = Tensor<2>([sequences.count, states.shape[1]]), pooled = Tensor<2>([sequences.count, states.shape[1]])
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

/// A classifier of sequences or of tokens, in float32.
package struct Classifier: Sendable {
  /// What is classified.
  package enum Subject: Sendable { case sequence, token }

  /// What the checkpoint's classifier reads.
  package let subject: Subject
  /// The layer before that of a sequence classifier.
  private let dense: Pooler?
  private let output: Linear

  /// Binds `classifier`: with a layer `dense` it is one of sequences.
  package init(_ w: WeightScope, labels: Int, configuration: LanguageModelConfiguration) throws(WeightError) {
    if w.contains("dense.weight") || w.contains("out_proj.weight") {
      subject = .sequence
      dense = try Pooler(w, configuration: configuration)
      output = try Linear(w["out_proj"], configuration.hiddenSize, labels)
    } else {
      subject = .token
      dense = nil
      output = try Linear(w, configuration.hiddenSize, labels)
    }
  }

  /// Logits, [n, labels] of sequences or [T, labels] of tokens. Parameters as for `Pooler`.
  func callAsFunction(
    _ states: Tensor<2>, sequences: [Range<Int>], work: borrowing LanguageModelWorkspace, threads: Threads
  ) -> Tensor<2> {
    let inner = dense?(states, sequences: sequences, work: work, threads: threads) ?? states
    let logits = Tensor<2>([inner.shape[0], output.outputs])
    output(inner, into: logits, scratch: work.scratch, threads: threads)
    return logits
  }
}
