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
  /// A `:` or `/` between chains, after the residue at `position`.
  case severalChains(separator: UInt8, position: Int, FASTALocation)
  /// A record longer than any protein, reported at the line where it exceeds the limit.
  case tooLong(limit: Int, FASTALocation)
  /// A record of nucleotides.
  case nucleotides(length: Int, FASTALocation)
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
        \(location): residue \(position): found \(Self.shown(bytes)), expected a one-letter residue code
        hint: \(Self.hint(bytes))
        """
    case .token(let text, let position, let location):
      return """
        \(location): residue \(position): found \(printable(text)), expected a token such as <mask>
        hint: the tokens are \(Alphabet.specialTokens.sorted().joined(separator: ", "))
        """
    case .severalChains(let separator, let position, let location):
      return """
        \(location): chains: found \(Self.shown([separator])) after residue \(position), expected one chain
        hint: several chains in one record (multimers) are not supported yet; make each chain a record of its own
        """
    case .tooLong(let limit, let location):
      return """
        \(location): sequence: found more than \(limit) letters, expected a protein
        hint: the longest proteins have some ten thousand residues; is this a genome?
        """
    case .nucleotides(let length, let location):
      return """
        \(location): sequence: found \(length) nucleotides (all A, C, G, T, U, N), expected amino acids
        hint: translate the nucleotides into a protein sequence first
        """
    }
  }

  private static func shown(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self), printable(text) == text { return "'\(text)'" }
    return (bytes.count == 1 ? "byte " : "bytes ") + bytes.map { "0x" + hexadecimal($0) }.joined(separator: " ")
  }

  private static func hint(_ bytes: [UInt8]) -> String {
    if bytes == [UInt8(ascii: ">")] { return "a '>' that begins a record must be the first character of its line" }
    return "residues are ASCII letters; write X for one that is not known"
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

private func hexadecimal(_ byte: UInt8) -> String {
  (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
}
