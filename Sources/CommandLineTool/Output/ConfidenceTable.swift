// NAME.plddt.tsv: the confidence of each residue.

import ESMFoldKit
import Platform
import Protein

/// pLDDT by residue, as a table.
enum ConfidenceTable {
  /// The place of the alpha carbon among the 37 atom types.
  private static let alphaCarbon = 1

  /// Columns: residue number from 1, one-letter code, pLDDT of the alpha carbon on the scale 0-100; `NA` for X, which has
  /// none.
  static func text(_ result: FoldResult) -> String {
    let types = ResidueConstants.atom37Count
    let rows = result.sequence.enumerated().map { index, letter in
      let value =
        ResidueType(letter: letter.asciiValue ?? 0) == .unknown
        ? nil : fixed(Double(result.plddt[index * types + alphaCarbon]), 2)
      return TableText.line(["\(index + 1)", String(letter), value])
    }
    return head + rows.joined()
  }

  private static let head = TableText.line(["residue", "letter", "plddt"])

  /// The residues of a table; nil when it is another one.
  static func sequence(of bytes: [UInt8]) -> String? {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, first + "\n" == head, lines.last?.isEmpty == true else { return nil }
    var letters = ""
    for line in lines.dropFirst().dropLast() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      letters += fields[1]
    }
    return letters
  }
}
