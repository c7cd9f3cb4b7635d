// The rules of FASTA, implemented on the whole text at once: the reference for the incremental parser.

import Protein

/// The expected records of a text, read line by line instead of byte by byte.
struct FASTATwin {
  /// A record in comparable form, or the error.
  enum Item: Equatable {
    case record(name: String, header: String, sequence: String, line: Int, warnings: [String])
    case failure(FASTAError)
  }

  /// A line of residues without the blanks before them.
  private typealias Line = (number: Int, bytes: ArraySlice<UInt8>)

  private(set) var items: [Item] = []
  private let dialect: FASTADialect
  private var completed = 0
  private static let file = "p.fa"

  static func items(_ bytes: [UInt8], _ dialect: FASTADialect) -> [Item] {
    var twin = FASTATwin(dialect: dialect)
    twin.read(bytes)
    return twin.items
  }

  private init(dialect: FASTADialect) { self.dialect = dialect }

  private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0B, 0x0C].contains(byte) }

  private mutating func read(_ bytes: [UInt8]) {
    var rest = bytes[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    let end = rest.firstIndex(of: 0)
    let lines = Self.lines(rest[..<(end ?? rest.endIndex)])
    var header: Line?, residues: [Line] = [], bare: [Line] = []
    for (index, bytes) in lines.enumerated() {
      let number = index + 1, text = bytes.drop(while: Self.isBlank)
      let isCut = end != nil && index == lines.count - 1
      switch text.first {
      case nil:
        if !isCut { readBare(&bare) }
      case UInt8(ascii: ";"): break
      case UInt8(ascii: ">"):
        readBare(&bare)
        if let header { judge(header, residues) }
        (header, residues) = ((number, text.dropFirst()), [])
      default:
        if header != nil { residues.append((number, text)) } else if !isCut { bare.append((number, text)) }
      }
    }
    if end != nil {
      // Lines that are separate sequences are complete, everything else is lost.
      readBare(&bare, isCut: true)
      return items.append(.failure(.notText(file: Self.file, line: lines.count)))
    }
    readBare(&bare)
    if let header { judge(header, residues) }
    if completed == 0 { items.append(.failure(.noRecords(file: Self.file))) }
  }

  /// LF, CRLF and CR end a line.
  private static func lines(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = [], start = bytes.startIndex, place = start
    while place < bytes.endIndex {
      let byte = bytes[place]
      if byte == 0x0A || byte == 0x0D {
        lines.append(bytes[start..<place])
        if byte == 0x0D, place + 1 < bytes.endIndex, bytes[place + 1] == 0x0A { place += 1 }
        start = place + 1
      }
      place += 1
    }
    return lines + [bytes[start...]]
  }

  // === Lines without a header ===

  private mutating func readBare(_ lines: inout [Line], isCut: Bool = false) {
    defer { lines = [] }
    let drafts = lines.map { Draft([$0], dialect) }.filter { !$0.isEmpty }
    guard let first = drafts.first else { return }
    let middle = drafts.dropLast()
    let isWrapped = middle.allSatisfy { $0.count == first.count } && drafts.allSatisfy { $0.count <= first.count }
    if isWrapped {
      if isCut { return }
      let whole = drafts.dropFirst().reduce(first) { $0.followed(by: $1) }
      return judge(whole, header: [], line: first.line, joined: drafts.count, isFirstOfSeveral: false)
    }
    for (index, draft) in drafts.enumerated() {
      judge(draft, header: [], line: draft.line, joined: 1, isFirstOfSeveral: index == 0)
    }
  }

  // === One record ===

  private mutating func judge(_ header: Line, _ residues: [Line]) {
    judge(
      Draft(residues, dialect), header: Array(header.bytes), line: header.number, joined: 1, isFirstOfSeveral: false)
  }

  private mutating func judge(_ draft: Draft, header: [UInt8], line: Int, joined: Int, isFirstOfSeveral: Bool) {
    completed += 1
    let isSpace = { (byte: UInt8) in byte <= 0x20 }
    let trimmed = Array(Array(header.drop(while: isSpace)).reversed().drop(while: isSpace).reversed())
    let words = trimmed.split(whereSeparator: isSpace)
    let name = words.first.map { String(decoding: $0, as: UTF8.self) } ?? "sequence_\(completed)"
    func location(_ line: Int) -> FASTALocation { FASTALocation(file: Self.file, line: line, record: name) }
    if let problem = draft.problem { return items.append(.failure(problem.error(location))) }
    var units = draft.units
    while units.last == "*" { units.removeLast() }
    if units.isEmpty { return items.append(.failure(.noResidues(location(line)))) }
    if units.count >= 8, units.allSatisfy("ACGTUN".contains), "ACG".allSatisfy({ units.contains(String($0)) }),
      units.contains("T") || units.contains("U")
    {
      return items.append(.failure(.nucleotides(length: units.count, location(line))))
    }
    var warnings: [String] = []
    if joined > 1 {
      warnings.append("\(joined) lines without a header read as one sequence; a '>name' line keeps them apart")
    }
    if isFirstOfSeveral {
      warnings.append("lines of different lengths without a header: each read as a sequence of its own")
    }
    let odd = units.filter { dialect == .tokens ? "J*".contains($0) : !"ARNDCQEGHILKMFPSTWYVX".contains($0) }
    let letters = odd.enumerated().filter { !odd[..<$0].contains($1) }.map(\.element)
    if !letters.isEmpty {
      let list = letters.map { letter -> String in
        let places = units.indices.filter { units[$0] == letter }.map { "\($0 + 1)" }
        let shown = places.prefix(5).joined(separator: ", ")
        return "'\(letter)' at \(shown)" + (places.count > 5 ? " and \(places.count - 5) more" : "")
      }
      let meaning =
        dialect == .tokens ? "not in the vocabulary, read as <unk>" : "not an amino acid, folded as X (no atoms)"
      warnings.append("\(list.joined(separator: "; ")): \(meaning)")
    }
    let text = String(decoding: trimmed, as: UTF8.self)
    items.append(
      .record(
        name: name, header: text.isEmpty ? name : text, sequence: units.joined(), line: line,
        warnings: warnings.map { "\(location(line)): \($0)" }))
  }
}

extension FASTATwin {
  /// Residues and tokens of some lines, up to the first error.
  private struct Draft {
    enum Problem {
      case character([UInt8], Int, line: Int)
      case token(String, Int, line: Int)
      case separator(UInt8, Int, line: Int)

      func error(_ location: (Int) -> FASTALocation) -> FASTAError {
        switch self {
        case .character(let bytes, let position, let line): .character(bytes, position: position, location(line))
        case .token(let text, let position, let line): .token(text, position: position, location(line))
        case .separator(let byte, let position, let line):
          .severalChains(separator: byte, position: position, location(line))
        }
      }

      func moved(by count: Int) -> Problem {
        switch self {
        case .character(let bytes, let position, let line): .character(bytes, position + count, line: line)
        case .token(let text, let position, let line): .token(text, position + count, line: line)
        case .separator(let byte, let position, let line): .separator(byte, position + count, line: line)
        }
      }
    }

    var line: Int
    /// Letters, or whole tokens.
    var units: [String] = []
    var count = 0
    var problem: Problem?
    var isEmpty: Bool { count == 0 && problem == nil }

    init(_ lines: [Line], _ dialect: FASTADialect) {
      line = lines.first?.number ?? 0
      let bytes = lines.flatMap { line in line.bytes.map { (byte: $0, line: line.number) } }
      var place = 0
      while place < bytes.count {
        let (byte, line) = bytes[place]
        place += 1
        switch byte {
        case UInt8(ascii: "<") where dialect == .tokens:
          var token = [byte]
          while place < bytes.count, token.count <= 16 {
            token.append(bytes[place].byte)
            place += 1
            if token.last == UInt8(ascii: ">") || FASTATwin.isBlank(token[token.count - 1]) { break }
          }
          let text = String(decoding: token, as: UTF8.self)
          let known = ["<cls>", "<pad>", "<eos>", "<unk>", "<mask>", "<null_1>"]
          count += 1
          if known.contains(text.lowercased()) {
            units.append(text.lowercased())
          } else {
            note(.token(text, count, line: line))
          }
        case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."):
          count += 1
          units.append(String(UnicodeScalar(byte)).uppercased())
        case 0x30...0x39: break
        case _ where FASTATwin.isBlank(byte): break
        case UInt8(ascii: ":"), UInt8(ascii: "/"): note(.separator(byte, count, line: line))
        default:
          var character = [byte]
          if byte >= 0xC2 && problem == nil {
            while place < bytes.count, character.count < 4, (0x80...0xBF).contains(bytes[place].byte) {
              character.append(bytes[place].byte)
              place += 1
            }
          }
          note(.character(character, count + 1, line: line))
        }
      }
    }

    mutating func note(_ found: Problem) { if problem == nil { problem = found } }

    func followed(by next: Draft) -> Draft {
      var whole = self
      if let problem = next.problem { whole.note(problem.moved(by: count)) }
      whole.units += next.units
      whole.count += next.count
      return whole
    }
  }
}
