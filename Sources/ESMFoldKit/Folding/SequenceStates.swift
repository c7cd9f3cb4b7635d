// The language model's states of a protein, the input of the trunk.

package import Protein
package import Tensors

/// The language model's states of one sequence: the input of the folding trunk.
public struct SequenceStates: Sendable {
  /// The model's states, combined by their learned weights, [L, C].
  package let combined: Tensor<2>
  /// The sequence.
  package let residues: [ResidueType]
  /// This protein's share of the wall-clock seconds that reading took.
  public let seconds: Double
}
