// What a residue has: atoms, and their confidence.

extension Structure {
  /// Whether the residue has atoms; X has none.
  package func hasAtoms(_ residue: Int) -> Bool {
    let types = ResidueConstants.atom37Count
    return atomExists[residue * types..<(residue + 1) * types].contains(true)
  }

  /// The B-factor (pLDDT, 0-100) of a residue's alpha carbon, or the mean of its atoms where it has none; nil for a residue
  /// without atoms (X).
  package func confidence(of residue: Int) -> Float? {
    let types = ResidueConstants.atom37Count, alphaCarbon = residue * types + ResidueConstants.alphaCarbon
    if atomExists[alphaCarbon] { return bFactors[alphaCarbon] }
    let atoms = (residue * types..<(residue + 1) * types).filter { atomExists[$0] }
    if atoms.isEmpty { return nil }
    return Float(atoms.reduce(0.0) { $0 + Double(bFactors[$1]) } / Double(atoms.count))
  }
}
