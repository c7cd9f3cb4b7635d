// The output of the confidence heads.

/// Confidence of one fold.
package struct Confidence: Sendable {
  /// pLDDT of every atom37 slot, 0–100, of all rows, [L', 37].
  package var plddt: [Float]
  /// Predicted TM-score over the rows of chains, 0–1.
  package var ptm: Float
  /// Expected position error of residue j when aligned on residue i, Å, of the rows of chains, [L, L].
  package var predictedAlignedError: [Float]
  /// Predicted TM-scores between chains; nil for a single one.
  package var interfaces: InterfaceScores?
}
