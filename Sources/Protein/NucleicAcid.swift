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

  /// Nil unless the sequence (upper case) is a nucleic acid.
  init?(header: String, sequence: [UInt8]) {
    let kinds = Self.kinds
    var bases = 0, ambiguous = 0, others = 0, seen: UInt8 = 0
    let limit = sequence.count / 2
    for letter in sequence {
      switch kinds[Int(letter)] {
      case Self.gap: break
      case Self.token: return nil
      case Self.ambiguous: ambiguous += 1
      case Self.other: others += 1
      case let base:
        bases += 1
        seen |= base
      }
      // Soon true of nearly every protein.
      if others + ambiguous > limit { return nil }
    }
    let words = HeaderWords(header)
    (length, self.bases) = (bases + ambiguous + others, bases)
    if words.saysProtein { return nil }
    if words.saysNucleicAcid {
      guard bases * 2 >= length, bases > 0 else { return nil }
      word = "mol:na"
      return
    }
    let isPure = length >= Self.shortest && bases == length
    let isAmbiguous = length >= Self.shortestWithOthers && others == 0 && bases * 10 >= length * 9
    if seen & Self.allFour == Self.allFour, isPure || isAmbiguous {
      if words.mentionsProtein, words.nucleicWord == nil, length < Self.longestPeptide { return nil }
      word = nil
      return
    }
    guard let found = words.nucleicWord, !words.mentionsProtein, bases > 0, bases * 10 >= length * 8 else { return nil }
    word = found
  }

  /// What a letter is: a bit for each of the four bases, N none of them; or a code beyond these.
  private static let allFour: UInt8 = 0b1111, unknown: UInt8 = 0b10000
  private static let ambiguous: UInt8 = 0x40, other: UInt8 = 0x50, gap: UInt8 = 0x60, token: UInt8 = 0x70

  private static let kinds: [UInt8] = (0...UInt8.max).map { letter in
    switch letter {
    case UInt8(ascii: "A"): 1
    case UInt8(ascii: "C"): 2
    case UInt8(ascii: "G"): 4
    case UInt8(ascii: "T"), UInt8(ascii: "U"): 8
    case UInt8(ascii: "N"): unknown
    case UInt8(ascii: "<"): token
    case _ where "RYSWKMBDHV".utf8.contains(letter): ambiguous
    case _ where letter.isGap: gap
    default: other
    }
  }
}

extension UInt8 {
  /// `-` or `.`
  var isGap: Bool { self == UInt8(ascii: "-") || self == UInt8(ascii: ".") }
}
