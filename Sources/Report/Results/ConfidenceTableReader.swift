// NAME.plddt.tsv, which lists all residues, also those without atoms.

import Platform
import Protein

enum ConfidenceTableReader {
  /// The residues of a table.
  ///
  /// - Parameters:
  ///   - path: The table.
  ///   - listed: The residues of the structure that have atoms.
  /// - Returns: nil unless those with a pLDDT are those of the structure.
  static func residues(_ path: String, of listed: [ListedResidue]) -> [ListedResidue]? {
    guard let bytes = try? WholeFile.read(path, atMost: ProteinResults.largestFile) else { return nil }
    let rows = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false)
    }
    guard rows.first?.starts(with: ["residue", "letter", "plddt"]) == true else { return nil }
    var residues: [ListedResidue] = []
    for row in rows.dropFirst() {
      guard row.count >= 3, let number = Int(row[0]), let letter = row[1].utf8.first else { return nil }
      let chain = row.count > 3 ? String(row[3]) : listed.first?.chain ?? "A"
      residues.append(
        ListedResidue(chain: chain, number: number, type: ResidueType(letter: letter), plddt: Float(row[2])))
    }
    let withAtoms = residues.filter { $0.plddt != nil }
    let isSame = withAtoms.elementsEqual(listed) {
      $0.chain == $1.chain && $0.number == $1.number && $0.type == $1.type && $0.plddt == $1.plddt
    }
    return isSame ? residues : nil
  }
}
