// Warnings about valid FASTA records.

/// Something notable in a valid record.
package enum FASTAWarning: Hashable, Sendable {
  /// A letter and its positions (from 1).
  package struct Occurrences: Hashable, Sendable {
    /// The letter in upper case, or `-`, `.`, `*`.
    package let letter: UInt8
    /// Residue positions, ascending.
    package let positions: [Int]
  }

  /// Letters that are not amino acids and fold as X, which has no atoms.
  case unknownLetters([Occurrences], FASTALocation)
  /// Letters that the language models have no token for.
  case unknownTokens([Occurrences], FASTALocation)
  /// Lines without a header, all of the same width, were read as one sequence.
  case linesJoined(Int, FASTALocation)
  /// Lines without a header are each a sequence; attached to the first of them.
  case linesSeparate(Separation, FASTALocation)
  /// Lines of `--`, which grep writes between matches, end records; attached to one record, at the first such line.
  case separators(FASTALocation)
  /// Digits beside letters were left out; the first is behind this residue.
  case digits(Int, position: Int, FASTALocation)
  /// The record has gaps.
  case gaps(GapCounts, GapMeaning, FASTALocation)
  /// The insertions of an A3M were left out, so that its columns remain.
  case insertions(Int, FASTALocation)
  /// Letters that are not amino acids and fold as the nearest one.
  case replaced([Occurrences], FASTALocation)

  /// Why lines without a header are a sequence each.
  package enum Separation: Hashable, Sendable {
    case differentLengths, sameLength, methionines
  }

  /// What became of gaps.
  package enum GapMeaning: Hashable, Sendable {
    /// Left out.
    case dropped
    /// Kept: X in a fold, tokens of the language models.
    case x, tokens
  }
}

extension FASTAWarning: CustomStringConvertible {
  /// Positions of each letter that the message lists before it only counts them.
  private static let positionsShown = 5

  /// `where: what`, in one line.
  package var description: String {
    switch self {
    case .unknownLetters(let letters, let location):
      return "\(location): \(Self.list(letters)): not an amino acid, folded as X (no atoms)"
    case .unknownTokens(let letters, let location):
      return "\(location): \(Self.list(letters)): not in the vocabulary, read as <unk>"
    case .linesJoined(let count, let location):
      return "\(location): \(count) lines without a header read as one sequence; a '>name' line keeps them apart"
    case .linesSeparate(let reason, let location):
      let lines =
        switch reason {
        case .differentLengths: "lines of different lengths without a header"
        case .sameLength: "lines without a header, all of one length to which texts are not wrapped"
        case .methionines: "lines without a header that all begin with M"
        }
      return "\(location): \(lines): each read as a sequence of its own"
    case .separators(let location):
      return "\(location): a line of '--', as grep writes between matches, ends a record"
    case .digits(let count, let position, let location):
      let what = count == 1 ? "a digit" : "\(count) digits"
      return "\(location): found \(what) beside letters, the first after residue \(position): left out"
    case .gaps(let gaps, let meaning, let location):
      let became =
        switch meaning {
        case .dropped: "left out"
        case .x: "folded as X (no atoms)"
        case .tokens: "kept as tokens"
        }
      return "\(location): \(gaps.words): \(became)"
    case .insertions(let count, let location):
      return "\(location): \(count) small letters, insertions of an A3M: left out, so that the columns remain"
    case .replaced(let letters, let location):
      let list = Self.list(letters) { letter in
        NearestAminoAcid.of(letter: letter).map { " as \(UnicodeScalar($0))" } ?? ""
      }
      return "\(location): \(list): not an amino acid, folded as the nearest one"
    }
  }
}

extension FASTAWarning {
  private static func list(_ letters: [Occurrences], _ remark: (UInt8) -> String = { _ in "" }) -> String {
    letters.map { occurrences in
      let shown = occurrences.positions.prefix(positionsShown).map(String.init).joined(separator: ", ")
      let more = occurrences.positions.count - positionsShown
      return "'\(UnicodeScalar(occurrences.letter))'\(remark(occurrences.letter)) at \(shown)"
        + (more > 0 ? " and \(more) more" : "")
    }.joined(separator: "; ")
  }
}
