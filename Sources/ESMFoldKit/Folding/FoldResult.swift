// The result of a fold.

package import Platform
import Protein

/// A predicted structure with its confidence.
public struct FoldResult: Sendable {
  /// What determined the numbers.
  public let identity: FoldIdentity
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
  /// Representations and logits, if requested.
  public let tensors: FoldTensors?
  /// Outputs of the reference with all iterations of the structure module, if requested.
  public let fields: FoldFields?

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

  /// The structure in PDB format with what it is at its head: HEADER, TITLE, and REMARK 6 with program, model, settings,
  /// confidence and the digest of its identity, which ``PDBProvenance`` reads back.
  ///
  /// - Parameter title: What was folded, for instance the header of the FASTA record.
  /// - Returns: The bytes of the file.
  /// - Throws: As `pdb()`.
  public func pdb(title: String) throws -> [UInt8] {
    try PDBWriter.bytes(
      of: Structure(positions14: positions, plddt: plddt, residueTypes: residues),
      title: "ESMFOLD PREDICTION FOR " + title, remarks: PDBProvenance.remarks(of: self))
  }

  /// Writes the fields of the result to an HDF5 file, or else all its tensors, replacing what is there. The manual's page on
  /// output describes both layouts.
  ///
  /// - Parameter path: The file to write.
  /// - Throws: `ModelError`, which names the file.
  public func writeTensors(to path: String) throws(ModelError) {
    let part = try ModelError.creating(path)
    try writeTensors(to: part)
    try ModelError.committing(part)
  }

  /// ``FoldIdentity/digest`` in a file of tensors; `nil` when it is not one of this program.
  package static func digest(ofTensors path: String) -> String? { TensorFile.digest(ofFile: path) }

  /// What a file of tensors holds; `nil` when it is not one of this program.
  package static func kept(inTensors path: String) -> KeptOutputs? { TensorFile.kept(inFile: path) }

  /// Writes all tensors of the result into an empty file, which is not committed.
  package func writeTensors(to part: UnfinishedFile) throws(ModelError) { try TensorFile.write(self, to: part) }
}
