// mmCIF files of predicted structures: ModelCIF, the extension of the PDB's dictionary for computed models, as the
// AlphaFold database writes it (mmcif_ma.dic 1.4.2; github.com/ihmwg/ModelCIF).

/// Writes a structure as an mmCIF file, in pieces.
///
/// - Coordinates and B-factors have the digits that they have in PDB files, where those have room for them.
/// - Numbers and names of atoms are given twice: `label_` counts the residues of each chain from 1, `auth_` has the
///   structure's residue numbers. Names of chains are the same in both.
/// - Chains of the same sequence are one entity. Residues without atoms (X) are in the sequence and its numbering alone.
/// - The list of models has the form of the dictionary before 1.4.7, as that of the AlphaFold database: it is valid in all
///   versions, the newer form in the newer ones only.
/// - `pdbx_poly_seq_scheme` is there because mkdssp silently finds nothing without it.
/// - What tells what the file is comes first, so that it can be read back from the head of a large file (`MMCIFHead`).
/// - There is no date: the same prediction gives the same bytes.
package struct MMCIFWriter {
  let structure: Structure
  let model: ModelDescription
  let polymers: PolymerChains
  /// Errors for `ma_qa_metric_local_pairwise`, which has a row for each pair of residues; nil for none.
  let alignedErrors: AlignedErrors?
  var output: CIFOutput

  /// Writes a file.
  ///
  /// - Parameters:
  ///   - structure: Atoms in Å; the residues of a chain next to each other.
  ///   - model: What else is known.
  ///   - alignedErrors: Written as well if given: a row for each pair of residues with atoms.
  ///   - write: Takes the next piece of the file.
  /// - Throws: `MMCIFError` when a number is not finite or a chain has no usable name; what `write` throws.
  package static func write(
    _ structure: Structure, _ model: ModelDescription, alignedErrors: AlignedErrors? = nil,
    to write: @escaping ([UInt8]) throws -> Void
  ) throws {
    if let alignedErrors {
      let length = structure.residueTypes.count
      precondition(alignedErrors.count == length, "errors of \(alignedErrors.count) residues for \(length)")
    }
    var writer = MMCIFWriter(
      structure: structure, model: model, polymers: try PolymerChains(of: structure), alignedErrors: alignedErrors,
      output: CIFOutput(block: blockName(model.name), write))
    try writer.writeAll()
  }

  /// What a block may be called: up to 75 characters.
  private static func blockName(_ name: String) -> String {
    let plain = name.utf8.prefix(70).map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "_") }
    return plain.isEmpty ? "model" : String(decoding: plain, as: UTF8.self)
  }

  private mutating func writeAll() throws {
    try writeProvenance()
    try writeMetrics()
    try writeTitle()
    try writeModel()
    try writePolymers()
    try writeAtoms()
    try writeLocalConfidence()
    if let alignedErrors { try writePairs(alignedErrors) }
    try output.text.finish()
  }
}
