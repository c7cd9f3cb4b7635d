// What the trunk is asked to fold.

/// A protein of L' rows and the number of passes over it.
package struct FoldingInput: Sendable {
  /// The residues of all chains and linkers, and their numbers.
  package var layout: ChainLayout
  /// Passes at most, at least 1.
  package var passes: Int
  /// Less change than this from one pass to the next ends the fold, Å (`RecycleChange`); nil for no such end.
  package var tolerance: Float?

  package init(_ layout: ChainLayout, passes: Int, tolerance: Float? = nil) {
    self.layout = layout
    self.passes = passes
    self.tolerance = tolerance
  }
}

/// The end of a pass.
package struct PassEnd {
  /// The pass, from 0.
  package let pass: Int
  /// How far the structure has moved since the pass before, Å; nil after the first.
  package let change: Float?
  /// Whether no pass follows.
  package let isLast: Bool
  /// The structure; its states are gone in the next pass.
  package let structure: StructureOutput
}
