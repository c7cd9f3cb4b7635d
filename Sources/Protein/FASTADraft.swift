// An incomplete FASTA record: takes the bytes of its sequence lines one by one, and is validated when complete.

/// Letters of a record so far and the first problem with them.
struct FASTADraft: Sendable {
  private enum Problem {
    case character([UInt8], position: Int, line: Int)
    case token([UInt8], position: Int, line: Int)
    case separator(UInt8, position: Int, line: Int)
    case length(line: Int)
  }

  /// Shortest record taken for nucleotides: anything shorter may well be a peptide that happens to have these letters.
  private static let shortestNucleotides = 8

  private let header: [UInt8]?
  private let line: Int
  private let dialect: FASTADialect
  private var letters: [UInt8] = []
  /// An incomplete token, such as `<mas`.
  private var token: (bytes: [UInt8], line: Int)?
  private var problem: Problem?
  /// The problem is a non-ASCII character whose bytes are still arriving.
  private var isInsideCharacter = false
  private var lines = 1
  /// Set for the first of several headerless lines that are each a sequence.
  var linesAreSeparate = false
  /// Residues so far, including those dropped after a problem.
  private(set) var count = 0

  /// Begins a record; a draft without a header is one line of residues.
  init(header: [UInt8]?, line: Int, dialect: FASTADialect) {
    self.header = header
    self.line = line
    self.dialect = dialect
  }

  /// Whether nothing but blanks and digits has been seen.
  var isEmpty: Bool { count == 0 && problem == nil }

  /// Takes one byte of a sequence line, `line` being that line's number.
  mutating func append(_ byte: UInt8, line: Int) {
    if isInsideCharacter, case .character(let bytes, let position, let line) = problem {
      if byte & 0xC0 == 0x80 && bytes.count < 4 {
        problem = .character(bytes + [byte], position: position, line: line)
        return
      }
      isInsideCharacter = false
    }
    if token != nil { return appendToToken(byte) }
    switch byte {
    case UInt8(ascii: "<") where dialect == .tokens: token = ([byte], line)
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."):
      keep(byte, line)
    case UInt8(ascii: "a")...UInt8(ascii: "z"): keep(byte - 32, line)
    case _ where byte.isBlank || byte.isASCIIDigit: break
    case UInt8(ascii: ":"), UInt8(ascii: "/"): note(.separator(byte, position: count, line: line))
    default:
      isInsideCharacter = problem == nil && byte >= 0xC2
      note(.character([byte], position: count + 1, line: line))
    }
  }

  /// Takes one byte after `<`; a token counts as one residue.
  private mutating func appendToToken(_ byte: UInt8) {
    guard let (before, line) = token else { return }
    let bytes = before + [byte]
    token = (bytes, line)
    guard byte == UInt8(ascii: ">") || bytes.count > Self.longestToken || byte.isBlank else { return }
    closeToken()
  }

  /// Ends the current token, which the language models must have. Lines without a header are validated one by
  /// one, so theirs end with the line.
  mutating func closeToken() {
    guard let (bytes, line) = token else { return }
    token = nil
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    count += 1
    guard Alphabet.specialTokens.contains(text) else { return note(.token(bytes, position: count, line: line)) }
    if problem == nil { letters += Array(text.utf8) }
    limitLength(line: line)
  }

  private static let longestToken = 16

  /// Adds the next line of a sequence without a header.
  mutating func append(contentsOf next: FASTADraft) {
    switch next.problem {
    case nil: break
    case .character(let bytes, let position, let line):
      note(.character(bytes, position: count + position, line: line))
    case .token(let bytes, let position, let line):
      note(.token(bytes, position: count + position, line: line))
    case .separator(let byte, let position, let line):
      note(.separator(byte, position: count + position, line: line))
    case .length(let line): note(.length(line: line))
    }
    if problem == nil { letters += next.letters }
    count += next.count
    lines += 1
    limitLength(line: next.line)
  }

  private mutating func keep(_ letter: UInt8, _ line: Int) {
    count += 1
    if problem == nil { letters.append(letter) }
    limitLength(line: line)
  }

  private mutating func limitLength(line: Int) {
    if letters.count > FASTAParser.longestSequence { note(.length(line: line)) }
  }

  /// Only the first problem is reported; the letters are not needed from then on.
  private mutating func note(_ found: Problem) {
    guard problem == nil else { return }
    problem = found
    letters = []
  }
}

// === Validation ===

extension FASTADraft {
  /// The record, or its error; `number` names it when it has no name.
  consuming func record(number: Int, file: String) -> Result<FASTARecord, FASTAError> {
    closeToken()
    let header = self.header.map(Self.trimmed) ?? ""
    let name = header.unicodeScalars.split { $0.value <= 0x20 }.first.map { String($0) } ?? "sequence_\(number)"
    func location(_ line: Int) -> FASTALocation { FASTALocation(file: file, line: line, record: name) }

    switch problem {
    case .character(let bytes, let position, let line):
      return .failure(.character(bytes, position: position, location(line)))
    case .token(let bytes, let position, let line):
      return .failure(.token(String(decoding: bytes, as: UTF8.self), position: position, location(line)))
    case .separator(let byte, let position, let line):
      return .failure(.severalChains(separator: byte, position: position, location(line)))
    case .length(let line): return .failure(.tooLong(limit: FASTAParser.longestSequence, location(line)))
    case nil: break
    }
    let sequence = letters.withoutTrailing { $0 == UInt8(ascii: "*") }
    if sequence.isEmpty { return .failure(.noResidues(location(line))) }
    if Self.isNucleotides(sequence) { return .failure(.nucleotides(length: sequence.count, location(line))) }

    var warnings: [FASTAWarning] = []
    if lines > 1 { warnings.append(.linesJoined(lines, location(line))) }
    if linesAreSeparate { warnings.append(.linesSeparate(location(line))) }
    let unknown = Self.occurrences(in: sequence, of: dialect == .tokens ? Self.isNoToken : Self.foldsAsX)
    if !unknown.isEmpty {
      warnings.append(
        dialect == .tokens ? .unknownTokens(unknown, location(line)) : .unknownLetters(unknown, location(line)))
    }
    return .success(
      FASTARecord(
        name: name, header: header.isEmpty ? name : header, sequence: sequence, line: line, file: file,
        warnings: warnings))
  }

  private static func trimmed(_ header: [UInt8]) -> String {
    String(decoding: header.drop { $0 <= 0x20 }.withoutTrailing { $0 <= 0x20 }, as: UTF8.self)
  }

  private static func isNucleotides(_ sequence: [UInt8]) -> Bool {
    guard sequence.count >= shortestNucleotides else { return false }
    var bases: Set<UInt8> = []
    for letter in sequence {
      switch letter {
      case UInt8(ascii: "A"), UInt8(ascii: "C"), UInt8(ascii: "G"), UInt8(ascii: "T"): bases.insert(letter)
      case UInt8(ascii: "U"): bases.insert(UInt8(ascii: "T"))
      case UInt8(ascii: "N"): break
      default: return false
      }
    }
    return bases.count == 4
  }

  /// Letters that fold as X, other than X itself.
  private static func foldsAsX(_ letter: UInt8) -> Bool {
    letter != UInt8(ascii: "X") && ResidueType(letter: letter) == .unknown
  }

  /// What no vocabulary of the language models has.
  private static func isNoToken(_ letter: UInt8) -> Bool { !Alphabet.has(letter: letter) }

  /// Some letters and their positions, in the order of their first occurrence. A token is one position.
  private static func occurrences(
    in sequence: [UInt8], of isMeant: (UInt8) -> Bool
  ) -> [FASTAWarning.Occurrences] {
    var positions: [UInt8: [Int]] = [:]
    var order: [UInt8] = []
    var position = 0, isInsideToken = false
    for letter in sequence {
      if !isInsideToken { position += 1 }
      if letter == UInt8(ascii: "<") { isInsideToken = true }
      if letter == UInt8(ascii: ">") { isInsideToken = false }
      guard !isInsideToken, letter != UInt8(ascii: ">"), isMeant(letter) else { continue }
      if positions[letter] == nil { order.append(letter) }
      positions[letter, default: []].append(position)
    }
    return order.map { FASTAWarning.Occurrences(letter: $0, positions: positions[$0] ?? []) }
  }
}

extension BidirectionalCollection where Element == UInt8 {
  fileprivate func withoutTrailing(_ isDropped: (UInt8) -> Bool) -> [UInt8] {
    guard let last = lastIndex(where: { !isDropped($0) }) else { return [] }
    return Array(self[...last])
  }
}
