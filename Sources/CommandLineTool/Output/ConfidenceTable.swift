// NAME.plddt.tsv: the confidence of each residue.

import Platform
package import Protein

/// pLDDT by residue, as a table.
package enum ConfidenceTable {
  /// Columns: residue number, one-letter code, pLDDT of the alpha carbon on the scale 0-100; `NA` for X, which has none. If
  /// there are several chains, a fourth column has the name of the residue's chain.
  package static func text(_ structure: Structure) -> String {
    let hasChains = Set(structure.chainIDs).count > 1
    let rows = structure.residueTypes.indices.map { residue in
      let value = structure.confidence(of: residue).map { fixed(Double($0), 2) }
      let fields = ["\(structure.residueNumbers[residue])", String(structure.residueTypes[residue].oneLetter), value]
      return TableText.line(hasChains ? fields + [structure.chainIDs[residue]] : fields)
    }
    return (hasChains ? headWithChains : head) + rows.joined()
  }

  private static let head = TableText.line(["residue", "letter", "plddt"])
  private static let headWithChains = TableText.line(["residue", "letter", "plddt", "chain"])

  /// The residues of a table, with a colon between chains; nil when it is another one. A last line that is cut off does not count.
  package static func sequence(of bytes: [UInt8]) -> String? {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, [head, headWithChains].contains(first + "\n") else { return nil }
    let columns = first + "\n" == head ? 3 : 4
    var letters = "", chain: Substring?
    for line in lines.dropFirst().dropLast() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == columns else { return nil }
      if columns == 4 {
        if let chain, chain != fields[3] { letters += ":" }
        chain = fields[3]
      }
      letters += fields[1]
    }
    return letters
  }
}
