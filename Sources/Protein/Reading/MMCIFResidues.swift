// The residues of an mmCIF file: all of them, also those without atoms, from the scheme of its polymers.

/// Reads back what `MMCIFWriter` has written of the residues: `pdbx_poly_seq_scheme` lists them, `ma_qa_metric_local` has
/// their pLDDT.
package enum MMCIFResidues {
  /// The residues in the order of the file.
  ///
  /// - Parameter bytes: A whole file.
  /// - Returns: At least one residue.
  /// - Throws: `StructureTextError` when a table is cut off, a field is no number, or there is no residue.
  package static func list(_ bytes: [UInt8]) throws(StructureTextError) -> [ListedResidue] {
    try bytes.withUnsafeBytes { bytes in Result { () throws(StructureTextError) in try list(bytes) } }.get()
  }

  private static func list(_ bytes: UnsafeRawBufferPointer) throws(StructureTextError) -> [ListedResidue] {
    var residues: [ListedResidue] = [], places: [Place: Int] = [:], values: [(Place, Float)] = []
    try CIFTables.read(bytes, [scheme, metrics]) { (row) throws(StructureTextError) in
      if row.category == scheme {
        places[Place(chain: try row.text("asym_id"), number: try row.number("seq_id"))] = residues.count
        residues.append(
          ListedResidue(
            chain: try row.text("pdb_strand_id"), number: try row.number("pdb_seq_num"),
            type: ResidueType(threeLetter: try row.text("mon_id")), plddt: nil))
      } else {
        let place = Place(chain: try row.text("label_asym_id"), number: try row.number("label_seq_id"))
        let text = try row.text("metric_value")
        guard let value = Float(text), value.isFinite else {
          throw .field(line: row.line, what: "metric_value", found: text, expected: "a number")
        }
        values.append((place, value))
      }
    }
    guard !residues.isEmpty else { throw .noResidues }
    for (place, value) in values {
      if let index = places[place] { residues[index].plddt = value }
    }
    return residues
  }

  private static let scheme = "pdbx_poly_seq_scheme", metrics = "ma_qa_metric_local"

  /// A residue as tables name it.
  private struct Place: Hashable {
    let chain: String, number: Int
  }
}

extension ResidueType {
  /// The residue type of a three-letter code in upper case; X for every other text.
  package init(threeLetter code: String) { self = Self.byThreeLetter[code] ?? .unknown }

  private static let byThreeLetter = Dictionary(uniqueKeysWithValues: all.map { ($0.threeLetter, $0) })
}
