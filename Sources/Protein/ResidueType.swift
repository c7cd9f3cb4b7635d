// The residue at one position of a protein: one of the twenty amino acids, or X.

/// The residue at one position of a protein: an amino acid, or X (unknown), which has no atoms.
package struct ResidueType: Hashable, Sendable {
  /// Number of residue types, X included.
  package static let count = AminoAcid.allCases.count + 1
  /// X: any letter outside the twenty.
  package static let unknown = ResidueType(uncheckedIndex: count - 1)

  /// Every residue type in the model's order, X last.
  package static let all = (0..<count).map(ResidueType.init(uncheckedIndex:))

  /// Index in the model's order: 0...19 as in ``AminoAcid``, 20 for X.
  package let index: Int

  /// The residue type of an amino acid.
  package init(_ aminoAcid: AminoAcid) {
    self.init(uncheckedIndex: aminoAcid.rawValue)
  }

  /// The residue type of an ASCII letter, upper or lower case; X for every other byte.
  package init(letter: UInt8) {
    self.init(uncheckedIndex: Int(Self.indices[Int(letter)]))
  }

  /// The residue type at an index in the model's order, or nil when it is not in 0...20.
  package init?(index: Int) {
    guard (0..<Self.count).contains(index) else { return nil }
    self.init(uncheckedIndex: index)
  }

  private init(uncheckedIndex: Int) {
    index = uncheckedIndex
  }

  /// The amino acid, or nil for X.
  package var aminoAcid: AminoAcid? { AminoAcid(rawValue: index) }
  /// One-letter code, `X` for unknown.
  package var oneLetter: Character { Character(UnicodeScalar(Self.oneLetterCodes[index])) }
  /// Three-letter code as in PDB files, `UNK` for unknown.
  package var threeLetter: String { Self.threeLetterCodes[index] }

  private static let oneLetterCodes = Array("ARNDCQEGHILKMFPSTWYVX".utf8)
  /// The index of every byte as a letter.
  private static let indices: [UInt8] = (0...UInt8.max).map { letter in
    let upper = letter.isASCIILowercase ? letter - 32 : letter
    return UInt8(oneLetterCodes.firstIndex(of: upper) ?? unknown.index)
  }
  private static let threeLetterCodes = [
    "ALA", "ARG", "ASN", "ASP", "CYS", "GLN", "GLU", "GLY", "HIS", "ILE",
    "LEU", "LYS", "MET", "PHE", "PRO", "SER", "THR", "TRP", "TYR", "VAL", "UNK",
  ]
}
