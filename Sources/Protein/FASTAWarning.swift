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
  /// Lines without a header, of different lengths, are each a sequence; attached to the first of them.
  case linesSeparate(FASTALocation)
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
    case .linesSeparate(let location):
      return "\(location): lines of different lengths without a header: each read as a sequence of its own"
    }
  }
}

extension FASTAWarning {
  private static func list(_ letters: [Occurrences]) -> String {
    letters.map { occurrences in
      let shown = occurrences.positions.prefix(positionsShown).map(String.init).joined(separator: ", ")
      let more = occurrences.positions.count - positionsShown
      return "'\(UnicodeScalar(occurrences.letter))' at \(shown)" + (more > 0 ? " and \(more) more" : "")
    }.joined(separator: "; ")
  }
}
