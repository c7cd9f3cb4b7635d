// An incomplete FASTA record: takes the bytes of its sequence lines one by one, and is validated when complete.

/// Letters of a record so far and the first problem with them.
struct FASTADraft: Sendable {
  enum Problem {
    case character([UInt8], position: Int, line: Int)
    case token([UInt8], position: Int, line: Int)
    case separator(UInt8, position: Int, line: Int)
    case length(line: Int)
  }

  let header: [UInt8]?
  let line: Int
  let rules: FASTARules
  private(set) var letters: [UInt8] = []
  /// How many letters there were before each sign between chains.
  private(set) var chainEnds: [Int] = []
  /// An incomplete token, such as `<mas`.
  private var token: (bytes: [UInt8], line: Int)?
  private(set) var problem: Problem?
  /// The problem is a non-ASCII character whose bytes are still arriving.
  private var isInsideCharacter = false
  /// Lines without a header that were joined.
  private(set) var lines = 1
  /// Set for the first of several headerless lines that are each a sequence.
  var separation: FASTAWarning.Separation?
  /// Residues so far, including those dropped after a problem. Gaps are residues if they are kept.
  private(set) var count = 0
  /// Letters, gaps and tokens so far.
  private(set) var width = 0
  private(set) var gaps = GapCounts()
  /// Small letters, which are insertions in an A3M.
  private(set) var insertions = 0
  private(set) var firstLetter: UInt8?
  /// Digits beside letters, which no line number is: how many, and after which residue the first was.
  private(set) var digits: (count: Int, position: Int)?
  private var number = LineNumbers()
  /// Whether digits have come since the last letter, and whether the byte before was a letter.
  private var hasOpenNumber = false, isAfterLetter = false

  /// Begins a record; a draft without a header is one line of residues.
  init(header: [UInt8]?, line: Int, rules: FASTARules) {
    self.header = header
    self.line = line
    self.rules = rules
  }

  /// Whether nothing but blanks and digits has been seen.
  var isEmpty: Bool { width == 0 && problem == nil && chainEnds.isEmpty }
  /// The number before the residues of a line without a header, and the one behind them.
  var numberBefore: Int? { number.before }
  var numberAfter: Int? { number.after }

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
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "*"): keep(byte, line)
    case UInt8(ascii: "a")...UInt8(ascii: "z"):
      insertions += 1
      if rules.isA3M, rules.gaps == .keep { leaveOut() } else { keep(byte - 32, line) }
    case UInt8(ascii: "-"), UInt8(ascii: "."): appendGap(byte, line)
    case UInt8(ascii: "<") where rules.dialect == .tokens:
      endWord(isGlued: true)
      token = ([byte], line)
    case _ where byte.isBlank: endWord(isGlued: false)
    case _ where byte.isASCIIDigit:
      hasOpenNumber = true
      number.append(byte, beside: count, isFirst: width == 0, isAfterLetter: isAfterLetter)
    case UInt8(ascii: ":"), UInt8(ascii: "/"): endChain(byte, line)
    default:
      isInsideCharacter = problem == nil && byte >= 0xC2
      note(.character([byte], position: count + 1, line: line))
    }
  }

  /// Takes capital letters of a sequence line, as if they came one by one.
  mutating func append(letters run: Slice<UnsafeBufferPointer<UInt8>>, line: Int) {
    if token != nil { return run.forEach { append($0, line: line) } }
    isInsideCharacter = false
    keep(run, line)
  }

  /// Takes a sign between chains; a language model reads one chain.
  private mutating func endChain(_ byte: UInt8, _ line: Int) {
    guard rules.dialect == .residues else { return note(.separator(byte, position: count, line: line)) }
    endWord(isGlued: true)
    isAfterLetter = true
    if problem == nil { chainEnds.append(letters.count) }
  }

  private mutating func appendGap(_ byte: UInt8, _ line: Int) {
    if byte == UInt8(ascii: "-") { gaps.dashes += 1 } else { gaps.dots += 1 }
    if rules.gaps == .drop { leaveOut() } else { keep(byte, line) }
  }

  /// Takes a gap or an insertion that is no residue of the record.
  private mutating func leaveOut() {
    endWord(isGlued: true)
    isAfterLetter = true
    width += 1
  }

  /// Ends a line of the record.
  mutating func endLine() { endWord(isGlued: false) }

  /// Ends a run of digits; `isGlued`: by a letter.
  private mutating func endWord(isGlued: Bool) {
    isAfterLetter = false
    guard hasOpenNumber else { return }
    if isGlued { hasOpenNumber = false }
    if let run = number.end(isGlued: isGlued) {
      digits = (run.count + (digits?.count ?? 0), digits?.position ?? run.position)
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
    isAfterLetter = true
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    count += 1
    width += 1
    firstLetter = firstLetter ?? bytes.first
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
    if problem == nil {
      chainEnds += next.chainEnds.map { letters.count + $0 }
      letters += next.letters
    }
    if let more = next.digits {
      digits = (more.count + (digits?.count ?? 0), digits?.position ?? count + more.position)
    }
    count += next.count
    width += next.width
    gaps = gaps + next.gaps
    insertions += next.insertions
    lines += 1
    limitLength(line: next.line)
  }

  private mutating func keep(_ letter: UInt8, _ line: Int) { keep(CollectionOfOne(letter), line) }

  private mutating func keep(_ run: some Collection<UInt8>, _ line: Int) {
    if hasOpenNumber { endWord(isGlued: true) }
    isAfterLetter = true
    if width == 0 { firstLetter = run.first }
    count += run.count
    width += run.count
    if problem == nil { letters += run }
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
