// The output of the confidence heads.

/// Confidence of one fold.
package struct Confidence: Sendable {
  /// pLDDT of every atom37 slot, 0–100, [L, 37].
  package var plddt: [Float]
  /// Predicted TM-score, 0–1.
  package var ptm: Float
  /// Expected position error of residue j when aligned on residue i, Å, [L, L].
  package var predictedAlignedError: [Float]
}
