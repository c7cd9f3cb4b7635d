// The files of a result but PDB and HDF5: mmCIF, and confidence as JSON.

import Folding
package import Protein

extension FoldResult {
  /// The errors, which share the result's memory.
  package var alignedErrors: AlignedErrors { AlignedErrors(predictedAlignedError, count: length) }
  /// The largest error that a model can express, Å.
  package static var largestAlignedError: Float { ConfidenceHeads.maximumPredictedAlignedError }

  /// The structure in mmCIF format (ModelCIF), with pLDDT and what it is: program, model, settings, scores and the digest of
  /// its identity, which ``MMCIFProvenance`` reads back.
  ///
  /// - Parameters:
  ///   - name: The name of the entry.
  ///   - title: What was folded, for instance the header of the FASTA record.
  ///   - withAlignedErrors: Whether the file has the predicted aligned errors, too: a line for each pair of residues.
  /// - Returns: The bytes of the file.
  /// - Throws: An error that names the atom or the score when a number is not finite.
  public func mmCIF(name: String, title: String, withAlignedErrors: Bool = false) throws -> [UInt8] {
    try Self.whole { try writeMMCIF(name: name, title: title, withAlignedErrors: withAlignedErrors, to: $0) }
  }

  /// Writes the structure in mmCIF format, in pieces.
  package func writeMMCIF(
    name: String, title: String, withAlignedErrors: Bool, to write: @escaping ([UInt8]) throws -> Void
  ) throws {
    let structure = structure
    let description = ModelDescription(
      name: name, subject: title, program: (ESMFoldKit.name, ESMFoldKit.version),
      parameters: MMCIFProvenance.parameters(of: identity), meanPLDDT: structure.meanConfidence,
      scores: [.init("pTM", type: "pTM", ptm, meaning: "predicted TM-score, 0-1")]
        + (complex.map { [.init("ipTM", type: "ipTM", $0.iptm, meaning: "predicted TM-score between chains, 0-1")] }
          ?? []))
    try MMCIFWriter.write(structure, description, alignedErrors: withAlignedErrors ? alignedErrors : nil, to: write)
  }

  /// The predicted aligned errors as JSON in the form of the AlphaFold database, with one decimal.
  ///
  /// - Returns: The bytes of the file.
  /// - Throws: An error that names the residues when a number is not finite.
  public func alignedErrorJSON() throws -> [UInt8] { try Self.whole { try writeAlignedErrors(to: $0) } }

  /// Writes the predicted aligned errors as JSON, in pieces.
  package func writeAlignedErrors(to write: @escaping ([UInt8]) throws -> Void) throws {
    try AlignedErrorFile.write(alignedErrors, digest: identity.digest, to: write)
  }

  /// The confidence as JSON under ColabFold's names: `plddt` of the alpha carbons, `max_pae`, `pae`, `ptm`.
  ///
  /// - Returns: The bytes of the file.
  /// - Throws: An error that names the residues when a number is not finite.
  public func scoresJSON() throws -> [UInt8] { try Self.whole { try writeScores(to: $0) } }

  /// Writes the confidence as JSON, in pieces.
  package func writeScores(to write: @escaping ([UInt8]) throws -> Void) throws {
    let types = ResidueConstants.atom37Count, alphaCarbon = ResidueConstants.alphaCarbon
    try ScoresFile(
      plddt: (0..<length).map { plddt[$0 * types + alphaCarbon] }, alignedErrors: alignedErrors, ptm: ptm,
      iptm: complex?.iptm, tables: pairTables, digest: identity.digest
    ).write(to: write)
  }

  /// The scores of each pair of chains; of these names, `pairwise_iptm` is ColabFold's.
  private var pairTables: [ScoresFile.Table] {
    guard let complex else { return [] }
    func table(_ key: String, _ value: (ComplexConfidence.Pair) -> Float) -> ScoresFile.Table {
      ScoresFile.Table(
        key, complex.pairs.map { ("\(chains[$0.first].id)-\(chains[$0.second].id)", value($0)) })
    }
    return [
      table("pairwise_iptm", \.iptm), table("pairwise_pae", \.meanError), table("pairwise_pdockq", \.pDockQ),
      table("pairwise_ipsae", \.ipSAE),
    ]
  }

  private final class Pieces {
    var bytes: [UInt8] = []
  }

  private static func whole(_ body: (@escaping ([UInt8]) throws -> Void) throws -> Void) throws -> [UInt8] {
    let pieces = Pieces()
    try body { pieces.bytes += $0 }
    return pieces.bytes
  }
}
