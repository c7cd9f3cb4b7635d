// The residues of some lines, for the reference of the FASTA parser.

import Protein

extension FASTATwin {
  /// Residues and tokens of some lines, up to the first error.
  struct Draft {
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
    /// Letters, or whole tokens; `:` between chains.
    var units: [String] = []
    /// Residues, and letters, gaps and tokens.
    var count = 0, width = 0
    var firstLetter = ""
    var gaps = GapCounts()
    /// Digits beside letters, and the residues before the first.
    var digits = 0, firstDigit = 0
    var problem: Problem?
    var isEmpty: Bool { width == 0 && problem == nil && units.isEmpty }
    /// The first word of a line and the last, if they are numbers.
    var numberBefore: Int?, numberAfter: Int?

    static func areNumbered(_ drafts: [Draft]) -> Bool {
      zip(drafts, drafts.dropFirst()).allSatisfy { one, next in
        if let a = one.numberBefore, let b = next.numberBefore { return b - a == one.width }
        if let a = one.numberAfter, let b = next.numberAfter { return b - a == next.width }
        return false
      }
    }

    init(_ lines: [Line], _ rules: FASTARules) {
      line = lines.first?.number ?? 0
      let bytes = lines.flatMap { line in line.bytes.map { (byte: $0, line: line.number) } }
      let texts = lines.map { line in
        line.bytes.split(whereSeparator: FASTATwin.isBlank).map { String(decoding: $0, as: UTF8.self) }
      }
      if let words = texts.first, let first = words.first, let last = words.last {
        if first.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { numberBefore = Int(first) }
        if last.utf8.allSatisfy({ (0x30...0x39).contains($0) }), words.count > 1 { numberAfter = Int(last) }
      }
      var place = 0
      /// The neighbour of a byte in its line is a letter, a gap or a token.
      func isBesideLetter(_ index: Int) -> Bool {
        guard bytes.indices.contains(index) else { return false }
        let byte = bytes[index].byte
        return !(FASTATwin.isBlank(byte) || (0x30...0x39).contains(byte))
      }
      while place < bytes.count {
        let (byte, line) = bytes[place]
        place += 1
        if width == 0, !FASTATwin.isBlank(byte), !(0x30...0x39).contains(byte) {
          firstLetter = String(UnicodeScalar(byte)).uppercased()
        }
        switch byte {
        case UInt8(ascii: "<") where rules.dialect == .tokens:
          var token = [byte]
          while place < bytes.count, token.count <= 16 {
            token.append(bytes[place].byte)
            place += 1
            if token.last == UInt8(ascii: ">") || FASTATwin.isBlank(token[token.count - 1]) { break }
          }
          let text = String(decoding: token, as: UTF8.self)
          let known = ["<cls>", "<pad>", "<eos>", "<unk>", "<mask>", "<null_1>"]
          count += 1
          width += 1
          if known.contains(text.lowercased()) {
            units.append(text.lowercased())
          } else {
            note(.token(text, count, line: line))
          }
        case UInt8(ascii: "-"), UInt8(ascii: "."):
          if byte == UInt8(ascii: "-") { gaps.dashes += 1 } else { gaps.dots += 1 }
          width += 1
          if rules.gaps == .drop { break }
          count += 1
          units.append(String(UnicodeScalar(byte)))
        case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "*"):
          count += 1
          width += 1
          units.append(String(UnicodeScalar(byte)).uppercased())
        case 0x30...0x39:
          // The whole run of digits in this line.
          var end = place
          while end < bytes.count, bytes[end].line == line, (0x30...0x39).contains(bytes[end].byte) { end += 1 }
          let isAfter = place > 1 && bytes[place - 2].line == line && isBesideLetter(place - 2)
          let isBefore = end < bytes.count && bytes[end].line == line && isBesideLetter(end)
          if isAfter || isBefore {
            if digits == 0 { firstDigit = count }
            digits += end - place + 1
          }
          place = end
        case _ where FASTATwin.isBlank(byte): break
        case UInt8(ascii: ":") where rules.dialect == .residues, UInt8(ascii: "/") where rules.dialect == .residues:
          units.append(":")
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
      if next.digits > 0 {
        if whole.digits == 0 { whole.firstDigit = whole.count + next.firstDigit }
        whole.digits += next.digits
      }
      whole.count += next.count
      whole.width += next.width
      whole.gaps.dashes += next.gaps.dashes
      whole.gaps.dots += next.gaps.dots
      return whole
    }
  }
}
