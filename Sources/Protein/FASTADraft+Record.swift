// A complete draft becomes a record or its error.

extension FASTADraft {
  /// The record, or its error; `number` names it when it has no name, `separator` is a line of `--` to tell of.
  consuming func record(number: Int, file: String, separator: Int? = nil) -> Result<FASTARecord, FASTAError> {
    closeToken()
    let header = self.header.map(Self.trimmed) ?? ""
    let word = header.unicodeScalars.prefix { $0.value > 0x20 }
    let name = word.isEmpty ? "sequence_\(number)" : String(word)
    func location(_ line: Int) -> FASTALocation { FASTALocation(file: file, line: line, record: name) }
    let here = location(line)

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
    if rules.gaps == .error, !gaps.isEmpty { return .failure(.gaps(gaps, here)) }
    let chains = chains
    let written = chains.count == 1 ? chains[0] : chains.flatMap(\.self)
    if written.isEmpty { return .failure(gaps.isEmpty ? .noResidues(here) : .onlyGaps(gaps, here)) }
    for (number, chain) in zip(1..., chains) {
      if chain.isEmpty { return .failure(.emptyChain(number: number, of: chains.count, here)) }
      if let found = NucleicAcid(header: header, letters: LetterCounts(chain)) {
        return .failure(.nucleicAcid(found, chain: chains.count == 1 ? nil : number, here))
      }
    }
    if let count = ThreeLetterCode.count(in: written) { return .failure(.threeLetterCodes(count: count, here)) }

    var warnings = layoutWarnings(here, separator: separator.map(location))
    var sequence = written
    if rules.dialect == .tokens {
      let unknown = Self.occurrences(in: written, of: Self.isNoToken)
      if !unknown.isEmpty { warnings.append(.unknownTokens(unknown, here)) }
    } else {
      if rules.nonstandard == .nearest {
        let replaced = Self.occurrences(in: written, of: Self.isReplaced)
        if !replaced.isEmpty { warnings.append(.replaced(replaced, here)) }
        sequence = written.map { NearestAminoAcid.of(letter: $0) ?? $0 }
      }
      if !sequence.contains(where: { ResidueType(letter: $0) != .unknown }) {
        return .failure(.noAminoAcids(length: sequence.count, here))
      }
      let unknown = Self.occurrences(in: sequence, of: Self.foldsAsX)
      if !unknown.isEmpty { warnings.append(.unknownLetters(unknown, here)) }
    }
    return .success(
      FASTARecord(
        name: name, header: header.isEmpty ? name : header, sequence: sequence, chainLengths: chains.map(\.count),
        line: line, file: file,
        columns: width - insertions - gaps.dots, insertions: insertions, gaps: gaps, warnings: warnings))
  }

  /// The letters of each chain.
  private var chains: [[UInt8]] {
    // Nearly all records are one chain, and there may be a million of them.
    if chainEnds.isEmpty { return [Self.withoutStops(letters[...])] }
    return zip([0] + chainEnds, chainEnds + [letters.count]).map { start, end in
      Self.withoutStops(letters[start..<end])
    }
  }

  private static func withoutStops(_ letters: ArraySlice<UInt8>) -> [UInt8] {
    letters.withoutTrailing { $0 == UInt8(ascii: "*") }
  }

  /// What was made of lines, digits and gaps.
  private func layoutWarnings(_ here: FASTALocation, separator: FASTALocation?) -> [FASTAWarning] {
    var warnings: [FASTAWarning] = []
    if lines > 1 { warnings.append(.linesJoined(lines, here)) }
    if let separation { warnings.append(.linesSeparate(separation, here)) }
    if let separator { warnings.append(.separators(separator)) }
    if let digits { warnings.append(.digits(digits.count, position: digits.position, here)) }
    if !gaps.isEmpty {
      warnings.append(.gaps(gaps, rules.gaps == .keep ? (rules.dialect == .tokens ? .tokens : .x) : .dropped, here))
    }
    if rules.isA3M, rules.gaps == .keep, insertions > 0 { warnings.append(.insertions(insertions, here)) }
    return warnings
  }

  private static func trimmed(_ header: [UInt8]) -> String {
    String(decoding: header.drop { $0 <= 0x20 }.withoutTrailing { $0 <= 0x20 }, as: UTF8.self)
  }

  // Tables of all bytes, for sequences have many letters.

  /// Letters that fold as X, other than X itself and the signs of gaps, which have a warning of their own.
  private static let foldsAsX = (0...UInt8.max).map { letter in
    ResidueType(letter: letter) == .unknown && letter != UInt8(ascii: "X") && !letter.isGap
  }
  private static let isNoToken = (0...UInt8.max).map { !Alphabet.has(letter: $0) }
  private static let isReplaced = (0...UInt8.max).map { NearestAminoAcid.of(letter: $0) != nil }

  /// Some letters and their positions, in the order of their first occurrence. A token is one position.
  private static func occurrences(in sequence: [UInt8], of isMeant: [Bool]) -> [FASTAWarning.Occurrences] {
    guard sequence.contains(where: { isMeant[Int($0)] }) else { return [] }
    var positions: [UInt8: [Int]] = [:]
    var order: [UInt8] = []
    var position = 0, isInsideToken = false
    for letter in sequence {
      if !isInsideToken { position += 1 }
      if letter == UInt8(ascii: "<") { isInsideToken = true }
      if letter == UInt8(ascii: ">") { isInsideToken = false }
      guard !isInsideToken, letter != UInt8(ascii: ">"), isMeant[Int(letter)] else { continue }
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
