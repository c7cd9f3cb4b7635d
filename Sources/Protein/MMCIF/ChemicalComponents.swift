// What the dictionary of chemical components says of the residues (wwPDB, Chemical Component Dictionary).

/// A residue as a chemical component.
struct ChemicalComponent {
  /// Its type, name, formula and weight in Da.
  let type: String, name: String, formula: String, weight: String

  private init(_ name: String, _ formula: String, _ weight: String, type: String = "L-peptide linking") {
    (self.name, self.formula, self.weight, self.type) = (name, formula, weight, type)
  }

  /// The component of a residue type.
  static func of(_ residue: ResidueType) -> ChemicalComponent { all[residue.index] }

  /// In the model's order, X last.
  private static let all = [
    ChemicalComponent("ALANINE", "C3 H7 N O2", "89.093"),
    ChemicalComponent("ARGININE", "C6 H15 N4 O2 1", "175.209"),
    ChemicalComponent("ASPARAGINE", "C4 H8 N2 O3", "132.118"),
    ChemicalComponent("ASPARTIC ACID", "C4 H7 N O4", "133.103"),
    ChemicalComponent("CYSTEINE", "C3 H7 N O2 S", "121.158"),
    ChemicalComponent("GLUTAMINE", "C5 H10 N2 O3", "146.144"),
    ChemicalComponent("GLUTAMIC ACID", "C5 H9 N O4", "147.129"),
    ChemicalComponent("GLYCINE", "C2 H5 N O2", "75.067", type: "peptide linking"),
    ChemicalComponent("HISTIDINE", "C6 H10 N3 O2 1", "156.162"),
    ChemicalComponent("ISOLEUCINE", "C6 H13 N O2", "131.173"),
    ChemicalComponent("LEUCINE", "C6 H13 N O2", "131.173"),
    ChemicalComponent("LYSINE", "C6 H15 N2 O2 1", "147.195"),
    ChemicalComponent("METHIONINE", "C5 H11 N O2 S", "149.211"),
    ChemicalComponent("PHENYLALANINE", "C9 H11 N O2", "165.189"),
    ChemicalComponent("PROLINE", "C5 H9 N O2", "115.130"),
    ChemicalComponent("SERINE", "C3 H7 N O3", "105.093"),
    ChemicalComponent("THREONINE", "C4 H9 N O3", "119.119"),
    ChemicalComponent("TRYPTOPHAN", "C11 H12 N2 O2", "204.225"),
    ChemicalComponent("TYROSINE", "C9 H11 N O3", "181.189"),
    ChemicalComponent("VALINE", "C5 H11 N O2", "117.146"),
    ChemicalComponent("UNKNOWN", "C4 H9 N O2", "103.120"),
  ]
}
