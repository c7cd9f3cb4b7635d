// The language model's states of a protein, the input of the trunk.

package import Folding
package import Tensors

/// The language model's states of one protein: the input of the folding trunk.
public struct SequenceStates: Sendable {
  /// The model's states, combined by their learned weights, [L', C].
  package let combined: Tensor<2>
  /// What was read.
  package let layout: ChainLayout
  /// Rows that were hidden from the language model.
  package let masked: [Int]
  /// This protein's share of the wall-clock seconds that reading took.
  public let seconds: Double
}
