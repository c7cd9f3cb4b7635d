// What the aligned errors are computed from, for those who ask for it.

package import Tensors

/// Bins of the aligned error of each pair, those tensors that are asked for; `ConfidenceHeads` writes them.
package struct ErrorTensors: Sendable {
  /// Logits, [L, L, 64].
  package let logits: Tensor<3>?
  /// Probabilities, [L, L, 64].
  package let probabilities: Tensor<3>?

  package static let none = ErrorTensors(logits: nil, probabilities: nil)

  package init(logits: Tensor<3>?, probabilities: Tensor<3>?) {
    self.logits = logits
    self.probabilities = probabilities
  }
}
