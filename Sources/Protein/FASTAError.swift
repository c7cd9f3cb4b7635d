// Errors in FASTA files, as data; their messages are worded only here.

/// The location of a record or one of its characters in the input.
package struct FASTALocation: Hashable, Sendable, CustomStringConvertible {
  /// Name of the file, as shown in messages.
  package let file: String
  /// Line, counted from 1.
  package let line: Int
  /// Name of the record.
  package let record: String

  /// Creates a location.
  package init(file: String, line: Int, record: String) {
    self.file = file
    self.line = line
    self.record = record
  }

  /// `file:line: record "name"`
  package var description: String { "\(printable(file)):\(line): record \"\(printable(record))\"" }
}

/// Why a record, or the whole input, cannot be read as protein sequences. Positions are residues counted from 1.
package enum FASTAError: Error, Hashable, Sendable {
  /// The input has no records.
  case noRecords(file: String)
  /// The input has a NUL byte: it is not text. Nothing after it is read.
  case notText(file: String, line: Int)
  /// A header without residues.
  case noResidues(FASTALocation)
  /// A character that is not allowed in a sequence: its UTF-8 bytes, and the position where a residue should be.
  case character([UInt8], position: Int, FASTALocation)
  /// A `<` that does not begin a token of the language models: what follows, and the position.
  case token(String, position: Int, FASTALocation)
  /// A `:` or `/` between chains, after the residue at `position`, where one chain is read.
  case severalChains(separator: UInt8, position: Int, FASTALocation)
  /// A chain without residues, counted from 1.
  case emptyChain(number: Int, of: Int, FASTALocation)
  /// A record longer than any protein, reported at the line where it exceeds the limit.
  case tooLong(limit: Int, FASTALocation)
  /// A record of nucleotides, or a chain of it, counted from 1.
  case nucleicAcid(NucleicAcid, chain: Int?, FASTALocation)
  /// A record with gaps, where none are allowed.
  case gaps(GapCounts, FASTALocation)
  /// A record with nothing but gaps.
  case onlyGaps(GapCounts, FASTALocation)
  /// A record to be folded of which no letter is an amino acid.
  case noAminoAcids(length: Int, FASTALocation)
  /// A record in the three-letter code.
  case threeLetterCodes(count: Int, FASTALocation)
  /// The query of an A3M is said to be chains of these lengths, one after the other, and has another length.
  case queryOfChains([Int], length: Int, FASTALocation)
  /// The input is in another format.
  case foreign(ForeignFormat, file: String)
}

extension FASTAError {
  /// The record concerned; nil where it is the whole input.
  package var location: FASTALocation? {
    switch self {
    case .noRecords, .notText, .foreign: nil
    case .noResidues(let location), .character(_, _, let location), .token(_, _, let location),
      .severalChains(_, _, let location), .emptyChain(_, _, let location), .tooLong(_, let location),
      .nucleicAcid(_, _, let location),
      .gaps(_, let location), .onlyGaps(_, let location), .noAminoAcids(_, let location),
      .threeLetterCodes(_, let location),
      .queryOfChains(_, _, let location):
      location
    }
  }
}

extension FASTAError: CustomStringConvertible {
  /// `where: what: found X, expected Y`, then a line with a hint.
  package var description: String {
    switch self {
    case .noRecords(let file):
      return """
        \(printable(file)): sequences: found none, expected at least one
        hint: a record is a line '>name' and its sequence on the lines after it
        """
    case .notText(let file, let line):
      return """
        \(printable(file)):\(line): content: found a NUL byte, expected text
        hint: FASTA is plain text (gzip-compressed if you like), in ASCII or UTF-8
        """
    case .noResidues(let location):
      return """
        \(location): sequence: found no residues, expected at least one
        hint: the sequence belongs on the lines after the header
        """
    case .character(let bytes, let position, let location):
      return """
        \(location): residue \(position): found \(ForeignCharacter(bytes)), expected a one-letter residue code
        hint: \(ForeignCharacter(bytes).hint)
        """
    case .token(let text, let position, let location):
      return """
        \(location): residue \(position): found \(printable(text)), expected a token such as <mask>
        hint: the tokens are \(Alphabet.specialTokens.sorted().joined(separator: ", "))
        """
    case .severalChains(let separator, let position, let location):
      return """
        \(location): chains: found '\(UnicodeScalar(separator))' after residue \(position), expected one chain
        hint: a language model reads one chain; make each a record of its own
        """
    case .emptyChain(let number, let count, let location):
      return """
        \(location): chain \(number) of \(count): found no residues, expected at least one
        hint: ':' and '/' stand between chains
        """
    case .tooLong(let limit, let location):
      return """
        \(location): sequence: found more than \(limit) letters, expected a protein
        hint: the longest proteins have some ten thousand residues; is this a genome?
        """
    case .nucleicAcid(let found, let chain, let location):
      let why =
        found.word.map { word in
          "\(word) by its header, \(found.bases) of \(found.length) letters are A, C, G, T, U or N"
        } ?? (found.bases == found.length ? "all A, C, G, T, U, N" : "\(found.bases) are A, C, G, T, U or N")
      return """
        \(location): \(chain.map { "chain \($0)" } ?? "sequence"): found \(found.length) nucleotides (\(why)), expected amino acids
        hint: translate the nucleotides into a protein sequence first; a peptide is believed if its header says 'peptide'
        """
    case .gaps(let gaps, let location):
      return """
        \(location): sequence: found \(gaps.words), expected none
        hint: gaps belong to alignments; without them the record is a protein
        """
    case .onlyGaps(let gaps, let location):
      return """
        \(location): sequence: found no residues but \(gaps.words), expected at least one
        hint: a record of gaps alone has no protein; leave it out
        """
    case .noAminoAcids(let length, let location):
      return """
        \(location): sequence: found nothing to fold (\(length) residues, all X), expected at least one amino acid
        hint: X has no atoms, so the structure would be empty
        """
    case .threeLetterCodes(let count, let location):
      return """
        \(location): sequence: found \(count) residues in the three-letter code, expected one-letter codes
        hint: write each as one letter, ALA as A and so on
        """
    case .queryOfChains(let lengths, let length, let location):
      return """
        \(location): chains: found \(lengths.map(String.init).joined(separator: ", ")) residues by the first line of the \
        alignment, expected \(length) in all, as the query has
        hint: remove that first line to fold the query as one chain
        """
    case .foreign(let format, let file):
      return """
        \(printable(file)): content: found \(format.name), expected FASTA
        hint: \(format.advice)
        """
    }
  }
}

/// Longest name that a message repeats in full.
private let longestShown = 80

/// The text without anything that could affect a terminal (control and formatting characters), and not too long.
private func printable(_ text: String) -> String {
  var result = ""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    if count == longestShown { return result + "…" }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
      result += "\\u{" + String(scalar.value, radix: 16) + "}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
