// The rules of FASTA, implemented on the whole text at once: the reference for the incremental parser.

import Protein

/// The expected records of a text, read line by line instead of byte by byte.
struct FASTATwin {
  /// A record in comparable form, or the error.
  enum Item: Equatable {
    case record(name: String, header: String, sequence: String, line: Int, warnings: [String])
    case failure(FASTAError)
    /// The error that these are nucleotides, without its counts.
    case nucleotides(FASTALocation)
  }

  /// A line of residues without the blanks before them.
  typealias Line = (number: Int, bytes: ArraySlice<UInt8>)

  private(set) var items: [Item] = []
  private let rules: FASTARules
  private var completed = 0
  private var hasHeaders = false, hasGaps = false
  private var separator: Int?, hasToldOfSeparators = false
  private static let file = "p.fa"

  static func items(_ bytes: [UInt8], _ rules: FASTARules) -> [Item] {
    if let format = ForeignFormat.recognized(in: bytes, isWhole: true) {
      return [.failure(.foreign(format, file: file))]
    }
    var twin = FASTATwin(rules: rules)
    twin.read(bytes)
    return twin.items
  }

  private init(rules: FASTARules) { self.rules = rules }

  static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0B, 0x0C].contains(byte) }

  /// Without blanks and byte order marks at the start.
  private static func text(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = line.drop(while: isBlank)
    while text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3).drop(while: isBlank) }
    return text
  }

  private mutating func read(_ bytes: [UInt8]) {
    let end = bytes.firstIndex(of: 0)
    let lines = Self.lines(bytes[..<(end ?? bytes.endIndex)])
    var header: Line?, residues: [Line] = [], bare: [Line] = []
    for (number, bytes, isLast) in Self.withJoins(lines, hasEnd: end != nil) {
      let text = Self.text(bytes)
      let isCut = end != nil && isLast
      switch text.first {
      case nil:
        if !isCut { readBare(&bare) }
      case UInt8(ascii: ";"): break
      case UInt8(ascii: "#") where !hasHeaders: break
      case UInt8(ascii: ">"):
        hasHeaders = true
        readBare(&bare)
        if let header { judge(header, residues) }
        (header, residues) = ((number, text.dropFirst()), [])
      case UInt8(ascii: "-") where Self.isSeparator(text) && !hasGapsSoFar(residues + bare):
        if isCut { break }
        let found = hasToldOfSeparators ? separator : separator ?? number
        // Lines that are a sequence each were complete before.
        readBare(&bare, separator: found)
        separator = hasToldOfSeparators ? separator : found
        if let header { judge(header, residues) }
        (header, residues) = (nil, [])
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

  /// Lines with their numbers; one of residues in which a byte order mark and a header follow is two.
  private static func withJoins(
    _ lines: [ArraySlice<UInt8>], hasEnd: Bool
  ) -> [(number: Int, bytes: ArraySlice<UInt8>, isLast: Bool)] {
    var hasHeaders = false
    return lines.enumerated().flatMap { index, line -> [(number: Int, bytes: ArraySlice<UInt8>, isLast: Bool)] in
      let number = index + 1, isLast = index == lines.count - 1, text = text(line)
      let joins = text.indices.dropFirst().first { text[$0...].starts(with: [0xEF, 0xBB, 0xBF, UInt8(ascii: ">")]) }
      let isResidues =
        !(text.first == UInt8(ascii: ">") || text.first == UInt8(ascii: ";"))
        && (hasHeaders || text.first != UInt8(ascii: "#"))
      if text.first == UInt8(ascii: ">") { hasHeaders = true }
      guard isResidues, let joins else { return [(number, line, isLast)] }
      hasHeaders = true
      return [(number, text[..<joins], false), (number, text[joins...], isLast)]
    }
  }

  /// Two dashes and blanks.
  private static func isSeparator(_ text: ArraySlice<UInt8>) -> Bool {
    text.starts(with: Array("--".utf8)) && text.dropFirst(2).allSatisfy(isBlank)
  }

  private func hasGapsSoFar(_ lines: [Line]) -> Bool { hasGaps || lines.contains { !Draft([$0], rules).gaps.isEmpty } }

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

  private mutating func readBare(_ lines: inout [Line], isCut: Bool = false, separator found: Int? = nil) {
    defer { lines = [] }
    let drafts = lines.map { Draft([$0], rules) }.filter { !$0.isEmpty }
    guard let first = drafts.first, let last = drafts.last else { return }
    func each(_ reason: FASTAWarning.Separation?) {
      for (index, draft) in drafts.enumerated() {
        judge(draft, header: [], line: draft.line, joined: 1, separation: index == 0 ? reason : nil)
      }
    }
    if rules.readsLines { return each(nil) }
    let middle = drafts.dropLast()
    guard middle.allSatisfy({ $0.width == first.width }), last.width <= first.width else {
      return each(.differentLengths)
    }
    if isCut { return }
    separator = found ?? separator
    if drafts.count > 1, !Draft.areNumbered(drafts) {
      if drafts.allSatisfy({ $0.firstLetter == "M" }) { return each(.methionines) }
      if last.width == first.width, ![50, 60, 70, 80, 100, 120].contains(first.width) { return each(.sameLength) }
    }
    let whole = drafts.dropFirst().reduce(first) { $0.followed(by: $1) }
    judge(whole, header: [], line: first.line, joined: drafts.count, separation: nil)
  }

  // === One record ===

  private mutating func judge(_ header: Line, _ residues: [Line]) {
    judge(Draft(residues, rules), header: Array(header.bytes), line: header.number, joined: 1, separation: nil)
  }

  private mutating func judge(
    _ draft: Draft, header: [UInt8], line: Int, joined: Int, separation: FASTAWarning.Separation?
  ) {
    completed += 1
    hasGaps = hasGaps || !draft.gaps.isEmpty
    let isSpace = { (byte: UInt8) in byte <= 0x20 }
    let trimmed = Array(Array(header.drop(while: isSpace)).reversed().drop(while: isSpace).reversed())
    let words = trimmed.split(whereSeparator: isSpace)
    let name = words.first.map { String(decoding: $0, as: UTF8.self) } ?? "sequence_\(completed)"
    func location(_ line: Int) -> FASTALocation { FASTALocation(file: Self.file, line: line, record: name) }
    if let problem = draft.problem { return items.append(.failure(problem.error(location))) }
    if rules.gaps == .error, !draft.gaps.isEmpty { return items.append(.failure(.gaps(draft.gaps, location(line)))) }
    let chains = draft.units.split(separator: ":", omittingEmptySubsequences: false).map { chain in
      Array(chain.reversed().drop { $0 == "*" }.reversed())
    }
    var units = chains.flatMap { $0 }
    if units.isEmpty {
      return items.append(
        .failure(draft.gaps.isEmpty ? .noResidues(location(line)) : .onlyGaps(draft.gaps, location(line))))
    }
    for (number, chain) in zip(1..., chains) {
      if chain.isEmpty {
        return items.append(.failure(.emptyChain(number: number, of: chains.count, location(line))))
      }
      if Self.isNucleotides(chain.filter { $0 != "-" && $0 != "." }) {
        return items.append(.nucleotides(location(line)))
      }
    }
    var warnings: [(line: Int, text: String)] = []
    if joined > 1 {
      warnings.append(
        (line, "\(joined) lines without a header read as one sequence; a '>name' line keeps them apart"))
    }
    switch separation {
    case nil: break
    case .differentLengths:
      warnings.append((line, "lines of different lengths without a header: each read as a sequence of its own"))
    case .sameLength:
      warnings.append(
        (
          line,
          "lines without a header, all of one length to which texts are not wrapped: each read as a sequence of its own"
        ))
    case .methionines:
      warnings.append((line, "lines without a header that all begin with M: each read as a sequence of its own"))
    }
    if let separator {
      warnings.append((separator, "a line of '--', as grep writes between matches, ends a record"))
    }
    if draft.digits > 0 {
      let what = draft.digits == 1 ? "a digit" : "\(draft.digits) digits"
      warnings.append((line, "found \(what) beside letters, the first after residue \(draft.firstDigit): left out"))
    }
    if !draft.gaps.isEmpty {
      let meaning =
        rules.gaps == .drop ? "left out" : rules.dialect == .tokens ? "kept as tokens" : "folded as X (no atoms)"
      warnings.append((line, "\(draft.gaps.words): \(meaning)"))
    }
    func list(_ letters: [String], _ remark: (String) -> String = { _ in "" }) -> String {
      letters.map { letter -> String in
        let places = units.indices.filter { units[$0] == letter }.map { "\($0 + 1)" }
        let shown = places.prefix(5).joined(separator: ", ")
        return "'\(letter)'\(remark(letter)) at \(shown)" + (places.count > 5 ? " and \(places.count - 5) more" : "")
      }.joined(separator: "; ")
    }
    func firsts(_ letters: String) -> [String] {
      let found = units.filter(letters.contains)
      return found.enumerated().filter { !found[..<$0].contains($1) }.map(\.element)
    }
    var odd = firsts(rules.dialect == .tokens ? "J*" : "UOBZJ*")
    if rules.dialect == .residues, rules.nonstandard == .nearest {
      let nearest = ["U": "C", "O": "K", "B": "D", "Z": "E", "J": "L"]
      odd = firsts("UOBZJ")
      if !odd.isEmpty {
        let replaced = list(odd) { " as " + (nearest[$0] ?? "") }
        warnings.append((line, "\(replaced): not an amino acid, folded as the nearest one"))
      }
      units = units.map { nearest[$0] ?? $0 }
      odd = firsts("*")
    }
    if rules.dialect == .residues, !units.contains(where: "ARNDCQEGHILKMFPSTWYV".contains) {
      return items.append(.failure(.noAminoAcids(length: units.count, location(line))))
    }
    if !odd.isEmpty {
      let meaning =
        rules.dialect == .tokens ? "not in the vocabulary, read as <unk>" : "not an amino acid, folded as X (no atoms)"
      warnings.append((line, "\(list(odd)): \(meaning)"))
    }
    if separator != nil { (separator, hasToldOfSeparators) = (nil, true) }
    let text = String(decoding: trimmed, as: UTF8.self)
    items.append(
      .record(
        name: name, header: text.isEmpty ? name : text, sequence: Self.divided(units.joined(), chains.map(\.count)),
        line: line,
        warnings: warnings.map { "\(location($0.line)): \($0.text)" }))
  }

  /// By letters alone.
  /// The letters with `:` between chains of these lengths; tokens are in single chains only.
  static func divided(_ letters: String, _ lengths: [Int]) -> String {
    guard lengths.count > 1 else { return letters }
    var rest = letters[...]
    return lengths.map { length in
      defer { rest = rest.dropFirst(length) }
      return String(rest.prefix(length))
    }.joined(separator: ":")
  }

  private static func isNucleotides(_ units: [String]) -> Bool {
    let bases = units.filter { "ACGTUN".contains($0) }
    guard "ACG".allSatisfy({ bases.contains(String($0)) }), bases.contains("T") || bases.contains("U") else {
      return false
    }
    if bases.count == units.count { return units.count >= 8 }
    return units.count >= 30 && bases.count * 10 >= units.count * 9 && units.allSatisfy("ACGTUNRYSWKMBDHV".contains)
  }
}
