// What one fold gives.

import Protein

/// A predicted structure with its confidence.
public struct FoldResult: Sendable {
  /// The sequence as it was folded: upper case, X for every letter outside the twenty.
  public let sequence: String
  /// Passes through the trunk: recycles + 1.
  public let passes: Int
  /// Atom positions in the 14 slots of each residue, Å, [L, 14, 3]; zero where a residue has no atom.
  public let positions: [Float]
  /// pLDDT of every slot of the 37 atom types, 0–100, [L, 37].
  public let plddt: [Float]
  /// Mean pLDDT over all existing atoms, 0–100; 0 when there are none (all residues X).
  public let meanPLDDT: Float
  /// Predicted TM-score, 0–1.
  public let ptm: Float
  /// Expected position error of residue j when aligned on residue i, Å, [L, L].
  public let predictedAlignedError: [Float]
  /// Wall-clock seconds of the whole fold.
  public let seconds: Double
  /// Wall-clock seconds of its parts, in order.
  public let timings: [StageTiming]
  /// Representations and logits, when they were asked for.
  public let tensors: FoldTensors?

  let residues: [ResidueType]

  /// Residues.
  public var length: Int { residues.count }

  /// The structure in PDB format, pLDDT in the B-factor column.
  ///
  /// - Returns: The bytes of the file.
  /// - Throws: An error that names the atom when a coordinate is not finite or too large for the format.
  public func pdb() throws -> [UInt8] {
    try PDBWriter.bytes(of: Structure(positions14: positions, plddt: plddt, residueTypes: residues))
  }

  /// Writes all tensors of the result to an HDF5 file, replacing what is there. The manual describes its layout (`esmfold
  /// help output`).
  ///
  /// - Parameter path: The file to write.
  /// - Throws: An error that names the file.
  public func writeTensors(to path: String) throws {
    try TensorFile.write(self, to: path)
  }
}

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
