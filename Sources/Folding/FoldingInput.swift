// What the trunk is asked to fold.

package import Protein

/// A protein of L residues and the number of passes over it.
package struct FoldingInput: Sendable {
  /// The residue types.
  package var residues: [ResidueType]
  /// Numbers of the residues, whose differences are the relative positions; consecutive unless set.
  package var residueIndex: [Int]
  /// At least 1.
  package var passes: Int

  package init(_ residues: [ResidueType], passes: Int) {
    self.residues = residues
    self.passes = passes
    residueIndex = Array(residues.indices)
  }
}
