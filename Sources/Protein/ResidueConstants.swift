// Atoms and rigid groups of the residue types: the constants that turn torsion angles into atoms and atoms into files.
// Flat row-major tables, one row for each `ResidueType.index`; the numbers are in `ResidueConstants+Tables.swift`.

/// Constant tables of the structure module, AlphaFold 2 supplement, section 1.8.4.
///
/// A residue's atoms have two layouts: *atom14* has a slot for each heavy atom of that residue type (at most 14, others
/// in each type), *atom37* one for each of the 37 atom names of all types.
package enum ResidueConstants {
  /// Slots of a residue in atom14 arrays.
  package static let atom14Count = 14
  /// Atom types, which are the slots of a residue in atom37 arrays.
  package static let atom37Count = 37
  /// Index of Cα among the atom types and in atom14 arrays.
  package static let alphaCarbon = 1

  /// Whether the residue type has an atom of this type (0..<37); X has none.
  package static func exists(atomType: Int, in residue: ResidueType) -> Bool {
    atom37Mask[residue.index * atom37Count + atomType] > 0
  }

  /// Names of the residue type's atoms in atom14 order, without empty slots.
  package static func atomNames(of residue: ResidueType) -> [String] {
    let row = residue.index * atom14Count
    return atom14Names[row..<row + atom14Count].filter { !$0.isEmpty }
  }
}
