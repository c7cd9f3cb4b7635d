// Representations and logits of a fold, for those who ask for them.

/// Representations and logits of a fold.
public struct FoldTensors: Sendable {
  /// (sin, cos) of omega, phi, psi, chi 1–4, [L, 7, 2].
  public let angles: [Float]
  /// Backbone frames: quaternion (w, x, y, z) and translation in Å, [L, 7].
  public let frames: [Float]
  /// The trunk's single state, [L, c_s], and pair state, [L, L, c_z].
  public let sS: [Float], sZ: [Float]
  /// c_s and c_z.
  public let sWidth: Int, zWidth: Int
  /// Logits of the residue head, [L, 23].
  public let lmLogits: [Float]
  /// Logits of 64 distance bins, [L, L, 64].
  public let distogramLogits: [Float]
  /// Residue types, 0–19 in the order ARNDCQEGHILKMFPSTWYV, 20 for X; and residue numbers from 0.
  public let aatype: [Int], residueIndex: [Int]
}
