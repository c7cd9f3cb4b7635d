// NAME_scores.json: all confidence of a fold under ColabFold's names.

import Platform
package import Protein

/// `{"request_sha256":"…","plddt":[…],"max_pae":…,"pae":[[…],…],"ptm":…,"iptm":…}`, as ColabFold writes it
/// (`colabfold/batch.py`): everything with two decimals but the largest error, which is that of the model, not a bound.
/// The digest, which ColabFold does not have, tells what the file was made of.
package struct ScoresFile {
  /// Scores of chains or of their pairs under a name of ColabFold's.
  package struct Table {
    /// Such as `pairwise_iptm` and `per_chain_ptm`.
    package let key: String
    /// By chains or pairs of them, such as `A-B`.
    package let scores: [(name: String, value: Float)]

    package init(_ key: String, _ scores: [(name: String, value: Float)]) {
      self.key = key
      self.scores = scores
    }
  }

  /// Of each residue, 0-100, in the order of the structure; X has one too.
  package let plddt: [Float]
  package let alignedErrors: AlignedErrors
  package let ptm: Float
  /// Of a complex.
  package let iptm: Float?
  /// Three decimals, as `--calc-extra-ptm` has them.
  package let tables: [Table]
  /// What the file was made of.
  package let digest: String

  package init(
    plddt: [Float], alignedErrors: AlignedErrors, ptm: Float, iptm: Float? = nil, tables: [Table] = [], digest: String
  ) {
    self.plddt = plddt
    self.alignedErrors = alignedErrors
    self.ptm = ptm
    self.iptm = iptm
    self.tables = tables
    self.digest = digest
  }

  private static let start = "{"

  /// Writes the file.
  ///
  /// - Parameter write: Takes the next piece of the file.
  /// - Throws: `ConfidenceError` when a number is not finite; what `write` throws.
  package func write(to write: @escaping ([UInt8]) throws -> Void) throws {
    var text = TextPieces(write)
    text.append(Self.start + ConfidenceJSON.identity(digest) + "\"plddt\":")
    try ConfidenceJSON.write(plddt[...], 2, to: &text) { ConfidenceError.plddt($1, residue: $0 + 1) }
    // A maximum of numbers that are not all finite is none; writing them tells which.
    if let largest = alignedErrors.values.max(), largest.isFinite { text.append(",\"max_pae\":\(Double(largest))") }
    text.append(",\"pae\":")
    try ConfidenceJSON.write(alignedErrors, decimals: 2, to: &text)
    try append("ptm", ptm, 2, to: &text)
    if let iptm { try append("iptm", iptm, 2, to: &text) }
    for table in tables {
      text.append(",\(jsonString(table.key)):{")
      for (index, score) in table.scores.enumerated() {
        try append(score.name, score.value, 3, isFirst: index == 0, to: &text)
      }
      text.append("}")
    }
    text.append("}\n")
    try text.finish()
  }

  private func append(
    _ key: String, _ value: Float, _ decimals: Int, isFirst: Bool = false, to text: inout TextPieces
  ) throws {
    text.append((isFirst ? "" : ",") + jsonString(key) + ":")
    guard text.bytes.append(decimal: value, decimals, dropsZeros: true) else {
      throw ConfidenceError.score(value, key)
    }
  }

  /// The digest in the head of such a file; nil when it is another one.
  package static func digest(in head: [UInt8]) -> String? { ConfidenceJSON.digest(in: head, after: start) }
}
