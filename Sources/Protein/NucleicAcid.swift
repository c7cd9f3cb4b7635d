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
    var counts = Counts()
    for letter in sequence {
      counts.add(letter)
      // Soon true of nearly every protein.
      if counts.others + counts.ambiguous > sequence.count / 2 { return nil }
    }
    guard !counts.hasToken else { return nil }
    let words = HeaderWords(header)
    (length, bases) = (counts.total, counts.bases)
    if words.saysProtein { return nil }
    if words.saysNucleicAcid {
      guard bases * 2 >= length, bases > 0 else { return nil }
      word = "mol:na"
      return
    }
    let isPure = length >= Self.shortest && bases == length
    let isAmbiguous = length >= Self.shortestWithOthers && counts.others == 0 && bases * 10 >= length * 9
    if counts.hasAllFour, isPure || isAmbiguous {
      if words.mentionsProtein, words.nucleicWord == nil, length < Self.longestPeptide { return nil }
      word = nil
      return
    }
    guard let found = words.nucleicWord, !words.mentionsProtein, bases > 0, bases * 10 >= length * 8 else { return nil }
    word = found
  }

  /// Letters by kind.
  private struct Counts {
    var bases = 0, ambiguous = 0, others = 0
    var hasToken = false
    private var seen: UInt8 = 0

    var total: Int { bases + ambiguous + others }
    var hasAllFour: Bool { seen == 0b1111 }

    mutating func add(_ letter: UInt8) {
      switch letter {
      case UInt8(ascii: "A"): (bases, seen) = (bases + 1, seen | 1)
      case UInt8(ascii: "C"): (bases, seen) = (bases + 1, seen | 2)
      case UInt8(ascii: "G"): (bases, seen) = (bases + 1, seen | 4)
      case UInt8(ascii: "T"), UInt8(ascii: "U"): (bases, seen) = (bases + 1, seen | 8)
      case UInt8(ascii: "N"): bases += 1
      case _ where "RYSWKMBDHV".utf8.contains(letter): ambiguous += 1
      case _ where letter.isGap: break
      case UInt8(ascii: "<"): hasToken = true
      default: others += 1
      }
    }
  }
}

extension UInt8 {
  /// `-` or `.`
  var isGap: Bool { self == UInt8(ascii: "-") || self == UInt8(ascii: ".") }
}
