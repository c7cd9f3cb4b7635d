// What the language model made of a protein, on its way to the trunk.

import Folding
import Protein
import Tensors
import Weights

/// What the language model made of one sequence: the input of the folding trunk.
public struct SequenceStates: Sendable {
  let combined: Tensor<2>
  let residues: [ResidueType]
  /// This protein's share of the wall-clock seconds that reading took.
  public let seconds: Double
}
