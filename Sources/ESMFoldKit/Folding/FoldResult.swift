// The result of a fold.

import Folding
package import Platform
package import Protein

/// A predicted structure with its confidence.
public struct FoldResult: Sendable {
  /// What determined the numbers.
  public let identity: FoldIdentity
  /// The sequence as it was folded: upper case, X for every letter outside the twenty.
  public let sequence: String
  /// Its chains: a protein has one.
  public let chains: [FoldChain]
  /// Passes through the trunk that were made.
  public let passes: Int
  /// How far the structure moved in each pass after the first, Å: ``FoldRequest/recycleTolerance``.
  public let changes: [Float]
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
  /// Confidence in how the chains of a complex are placed; `nil` for a single chain.
  public let complex: ComplexConfidence?
  /// Wall-clock seconds of the whole fold.
  public let seconds: Double
  /// Wall-clock seconds of its parts, in order.
  public let timings: [StageTiming]
  /// Representations and logits, if requested.
  public let tensors: FoldTensors?
  /// Outputs of the reference with all iterations of the structure module, if requested.
  public let fields: FoldFields?

  let residues: [ResidueType]

  init(
    _ output: FoldingModel.Output, of request: FoldRequest, _ states: SequenceStates, _ identity: FoldIdentity,
    seconds: Double
  ) {
    let layout = states.layout, confidence = output.confidence
    self.identity = identity
    residues = request.chains.flatMap(\.self)
    sequence = String(residues.map(\.oneLetter))
    chains = request.foldChains
    (passes, changes) = (output.passes, output.changes)
    positions = layout.rows(of: output.structure.positions, width: 3 * ResidueConstants.atom14Count)
    plddt = layout.rows(of: confidence.plddt, width: ResidueConstants.atom37Count)
    meanPLDDT = Structure.meanConfidence(plddt: plddt, residueTypes: residues) ?? 0
    ptm = confidence.ptm
    predictedAlignedError = confidence.predictedAlignedError
    complex = confidence.interfaces.map { [chains, residues, positions, plddt] scores in
      ComplexConfidence(
        scores, chains, ComplexConfidence.Atoms(residues, positions: positions, plddt: plddt),
        AlignedErrors(confidence.predictedAlignedError, count: residues.count))
    }
    self.seconds = seconds
    timings = [StageTiming(stage: .languageModel, pass: 0, seconds: states.seconds)] + output.timings
    tensors = output.tensors
    fields = output.fields
  }

  /// The atoms with the names and numbers of files.
  package var structure: Structure {
    Structure(
      positions14: positions, plddt: plddt, residueTypes: residues, residueNumbers: chains.flatMap(\.numbers),
      chainIDs: chains.flatMap { [String](repeating: $0.id, count: $0.residues.count) })
  }

  /// Residues.
  public var length: Int { residues.count }

  /// The structure in PDB format, pLDDT in the B-factor column.
  ///
  /// - Returns: The bytes of the file.
  /// - Throws: An error that names the atom when a coordinate is not finite or too large for the format.
  public func pdb() throws -> [UInt8] {
    try PDBWriter.bytes(of: structure)
  }

  /// The structure in PDB format with what it is at its head: HEADER, TITLE, and REMARK 6 with program, model, settings,
  /// confidence and the digest of its identity, which ``PDBProvenance`` reads back.
  ///
  /// - Parameter title: What was folded, for instance the header of the FASTA record.
  /// - Returns: The bytes of the file.
  /// - Throws: As `pdb()`.
  public func pdb(title: String) throws -> [UInt8] {
    try PDBWriter.bytes(
      of: structure, title: "ESMFOLD PREDICTION FOR " + title, remarks: PDBProvenance.remarks(of: self))
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

  /// ``FoldIdentity/digest`` in a file of tensors, which may be a part of an archive; `nil` when it is not one of this
  /// program.
  package static func digest(ofTensors path: String, part: Range<Int>? = nil) -> String? {
    TensorFile.digest(ofFile: path, part: part)
  }

  /// What a file of tensors holds; `nil` when it is not one of this program.
  package static func kept(inTensors path: String, part: Range<Int>? = nil) -> KeptOutputs? {
    TensorFile.kept(inFile: path, part: part)
  }

  /// Writes all tensors of the result into an empty file, which is not committed.
  package func writeTensors(to part: UnfinishedFile) throws(ModelError) { try TensorFile.write(self, to: part) }
}
