// The heads of EsmForSequenceClassification and EsmForTokenClassification.

package import Tensors
package import Weights

/// A classifier of sequences or tokens, in float32.
package struct Classifier: Sendable {
  /// What is classified.
  package enum Subject: Sendable { case sequence, token }

  /// The width of the classifier's input.
  package let subject: Subject
  /// The hidden layer of a sequence classifier.
  private let dense: Pooler?
  private let output: Linear

  /// Binds `classifier`: one that has a layer `dense` classifies sequences.
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
  package func callAsFunction(
    _ states: Tensor<2>, sequences: [Range<Int>], work: borrowing LanguageModelWorkspace, threads: Threads
  ) -> Tensor<2> {
    let inner = dense?(states, sequences: sequences, work: work, threads: threads) ?? states  // [n or T, C]
    let logits = Tensor<2>([inner.shape[0], output.outputs])  // [n or T, labels]
    output(inner, into: logits, scratch: work.scratch, threads: threads)
    return logits
  }
}
