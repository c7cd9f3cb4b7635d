// The amino acid that is folded in place of a letter outside the twenty.

/// Letters outside the twenty that have a likeness among them.
package enum NearestAminoAcid {
  /// U and O by their chemistry (selenium in place of sulfur, a lysine that carries a ring); B, Z and J stand for two
  /// amino acids each (Asx, Glx, Xle), and the acids and leucine are taken because proteins have more of them.
  private static let pairs: [UInt8: UInt8] = [
    UInt8(ascii: "U"): UInt8(ascii: "C"), UInt8(ascii: "O"): UInt8(ascii: "K"), UInt8(ascii: "B"): UInt8(ascii: "D"),
    UInt8(ascii: "Z"): UInt8(ascii: "E"), UInt8(ascii: "J"): UInt8(ascii: "L"),
  ]

  private static let table: [UInt8?] = (0...UInt8.max).map { pairs[$0] }

  /// The amino acid nearest to a letter in upper case; nil where the letter is one, or nothing is near.
  package static func of(letter: UInt8) -> UInt8? { table[Int(letter)] }
}
