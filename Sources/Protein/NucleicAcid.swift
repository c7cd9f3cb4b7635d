// Nucleic acids among protein sequences, told by their letters and by what their header says.

/// Why a record is taken for a nucleic acid.
///
/// By letters: at least 8, all of A, C, G, T, U and N, with all four bases present (T or U), which accepts peptides such
/// as `AAAAAAAAAA` or `GAGAGAGAGA`; or at least 30, nine tenths of them those and the others ambiguity codes of IUPAC.
///
/// By the header: `mol:na` (the sequences of the wwPDB) if half of the letters are those; words such as DNA or mRNA if
/// eight tenths are and no word speaks of a protein, because "DNA-binding protein" is one.
///
/// A header that says protein (`mol:protein`, `sp|`, `tr|`; in sequences of less than 60 letters also a word such as
/// peptide) is believed.
package struct NucleicAcid: Hashable, Sendable {
  /// Letters of the record, and how many are A, C, G, T, U or N.
  package let length: Int, bases: Int
  /// The word of the header that says so; nil where the letters do.
  package let word: String?

  private static let shortest = 8, shortestWithOthers = 30, longestPeptide = 60

  /// Nil unless the letters (upper case) are those of a nucleic acid.
  init?(header: String, letters: LetterCounts) {
    guard letters.count(of: "<") == 0 else { return nil }  // A token.
    let bases = letters.count(of: "ACGTUN")
    let length = letters.total - letters.count(of: "-.")
    // True of nearly every protein, and then the header need not be looked at.
    if bases * 2 < length { return nil }
    let words = HeaderWords(header)
    (self.length, self.bases) = (length, bases)
    if words.saysProtein { return nil }
    if words.saysNucleicAcid {
      guard bases > 0 else { return nil }
      word = "mol:na"
      return
    }
    let isPure = length >= Self.shortest && bases == length
    let isAmbiguous =
      length >= Self.shortestWithOthers
      && bases + letters.count(of: "RYSWKMBDHV") == length && bases * 10 >= length * 9
    let hasAllFour = ["A", "C", "G", "TU"].allSatisfy { letters.count(of: $0) > 0 }
    if hasAllFour, isPure || isAmbiguous {
      if words.mentionsProtein, words.nucleicWord == nil, length < Self.longestPeptide { return nil }
      word = nil
      return
    }
    guard let found = words.nucleicWord, !words.mentionsProtein, bases > 0, bases * 10 >= length * 8 else { return nil }
    word = found
  }
}

extension UInt8 {
  /// `-` or `.`
  var isGap: Bool { self == UInt8(ascii: "-") || self == UInt8(ascii: ".") }
}
