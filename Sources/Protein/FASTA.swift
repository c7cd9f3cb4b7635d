// Protein sequences from FASTA text, pushed in as bytes and taken out as records: the parser does no I/O itself, so
// that the same code serves files, pipes and decompressed streams, and holds one record at a time.

/// Incremental FASTA parser: push bytes in pieces of any size, take records (or their errors) as they complete.
///
/// ```swift
/// var parser = FASTAParser(file: "proteins.fa")
/// while let piece = read() {
///   parser.push(piece)
///   while let item = parser.next() { … }
/// }
/// parser.finish()
/// while let item = parser.next() { … }
/// ```
///
/// Tolerated: blank lines, line ends LF, CRLF and CR, a UTF-8 byte order mark at the start of any line (joined files),
/// spaces and digits inside sequences, lower case, `*` at the end, lines that begin with `;` and, before the first
/// header, `#` (comments). A line of `--`, which grep writes between matches, ends a record unless the input has other
/// gaps. What becomes of gaps and of letters that are no amino acids, ``FASTARules`` say. A bad record is one error and
/// does not stop the others; only a NUL ends the input, since it is then not text, and an input that is in another
/// format (``ForeignFormat``) is one error as a whole.
///
/// Lines without a header are sequences named `sequence_N`; ``BareLines`` says which of them are one sequence.
/// Nucleic acids are refused, see ``NucleicAcid``.
///
/// Memory: the first bytes, the current record, and the records that have not been taken yet.
package struct FASTAParser: Sendable {
  /// Letters of the longest record; the longest protein known has 45 000. A compressed file of 1 MB can hold one of 1 GB.
  package static let longestSequence = 1 << 24

  private enum State { case lineStart, dashes, header, comment, residues, abandoned }

  private let file: String
  private let rules: FASTARules
  /// The first bytes, until it is clear that they are sequences.
  private var head: InputHead? = InputHead()
  private var state = State.lineStart
  private var line = 1
  /// The last byte was CR, so an LF belongs to the same line end.
  private var afterCarriageReturn = false
  /// Bytes of a byte order mark, at the start of the line or within residues; all three only where residues are before.
  private var markLength = 0
  /// The line so far: `-` is 1, `--` is 2, `--` and blanks is 3.
  private var dashes = 0
  private var isFinished = false

  /// Bytes of the current header line.
  private var header: [UInt8] = []
  private var hasHeaders = false
  /// The beginning of the current comment.
  private var comment: [UInt8] = []
  /// The current record if it has a header.
  private var record: FASTADraft?
  /// The current lines, if they have no header.
  private var bareLines: BareLines
  /// Whether a completed record had gaps, so that the input is an alignment.
  private var hasGaps = false
  /// The first line of `--`; nil where there is none, or a record's warning has told of it.
  private var separator: Int?
  private var hasToldOfSeparators = false
  /// The chains of the query, if a first line like `#20\t1` says that this is an A3M.
  package private(set) var query: A3MQuery?

  /// Records completed so far; numbers the unnamed ones.
  private var completed = 0
  private var ready: [Result<FASTARecord, FASTAError>] = []
  private var taken = 0

  /// Creates a parser; `file` is only the name of the input in records and messages.
  package init(file: String, rules: FASTARules = FASTARules()) {
    self.file = file
    self.rules = rules
    bareLines = BareLines(eachIsASequence: rules.readsLines)
  }

  /// Takes the next piece of the input.
  package mutating func push(_ bytes: some Sequence<UInt8>) {
    precondition(!isFinished, "push after finish")
    guard head == nil else {
      head?.append(bytes)
      return examineHead(isComplete: false)
    }
    let done: Void? = bytes.withContiguousStorageIfAvailable { accept($0[...]) }
    if done == nil { for byte in bytes { accept(byte) } }
  }

  /// Ends the input, which completes the last record.
  package mutating func finish() {
    if isFinished { return }
    examineHead(isComplete: true)
    giveUpMark()
    endLine()
    closeRecords()
    isFinished = true
    if completed == 0 && state != .abandoned { ready.append(.failure(.noRecords(file: file))) }
  }

  /// Whether nothing more can come, whatever the rest of the input is.
  package var isOver: Bool { state == .abandoned }

  /// Removes and returns the oldest completed record, or nil when more input is needed or none is left.
  package mutating func next() -> Result<FASTARecord, FASTAError>? {
    guard taken < ready.count else { return nil }
    defer {
      taken += 1
      if taken == ready.count {
        ready.removeAll(keepingCapacity: true)
        taken = 0
      }
    }
    return ready[taken]
  }
}

// === Bytes to lines ===

extension FASTAParser {
  /// Reads the first bytes, or refuses the input, as soon as they show what it is.
  private mutating func examineHead(isComplete: Bool) {
    guard let head, let verdict = head.verdict(isComplete: isComplete) else { return }
    self.head = nil
    switch verdict {
    case .sequences: for byte in head.bytes { accept(byte) }
    case .foreign(let format): abandon(.foreign(format, file: file))
    }
  }

  /// Takes many bytes: letters of a sequence, which most are, as many at once as follow each other.
  private mutating func accept(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
    var rest = bytes
    while let byte = rest.first {
      if state == .residues, markLength == 0, byte.isASCIIUppercase {
        let run = rest.prefix { $0.isASCIIUppercase }
        if record?.append(letters: run, line: line) == nil { bareLines.current?.append(letters: run, line: line) }
        rest = rest[run.endIndex...]
      } else {
        accept(byte)
        rest = rest.dropFirst()
      }
    }
  }

  private mutating func accept(_ byte: UInt8) {
    if markLength > 0, takeMark(byte) { return }
    if byte == UInt8(ascii: "\n") && afterCarriageReturn {
      afterCarriageReturn = false
      return
    }
    afterCarriageReturn = byte == UInt8(ascii: "\r")
    switch byte {
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"): endLine()
    case 0: abandon(.notText(file: file, line: line))
    case 0xEF where state != .header && state != .comment: markLength = 1  // The first byte of a mark.
    default: acceptInLine(byte)
    }
  }

  /// Takes a byte of a mark, or the byte behind it.
  ///
  /// - Returns: whether the byte belongs to the mark.
  private mutating func takeMark(_ byte: UInt8) -> Bool {
    if markLength < InputHead.byteOrderMark.count, byte == InputHead.byteOrderMark[markLength] {
      markLength += 1
      if markLength == InputHead.byteOrderMark.count, state == .lineStart { markLength = 0 }
      return true
    }
    if markLength == InputHead.byteOrderMark.count, byte == UInt8(ascii: ">") {
      // Two files were joined, of which the first did not end its last line.
      markLength = 0
      endLine()
      line -= 1
    } else {
      giveUpMark()
    }
    return false
  }

  /// What looked like a byte order mark is content.
  private mutating func giveUpMark() {
    let length = markLength
    markLength = 0
    for byte in InputHead.byteOrderMark.prefix(length) { acceptInLine(byte) }
  }

  /// The rest is dropped: a compressed file can hold headers larger than memory.
  private static let longestHeader = 1 << 16
  /// Far more than the first line of an A3M has.
  private static let longestComment = 1 << 10

  private mutating func acceptInLine(_ byte: UInt8) {
    switch state {
    case .residues: acceptResidue(byte)
    case .lineStart: beginLine(byte)
    case .header: if header.count < Self.longestHeader { header.append(byte) }
    case .dashes:
      switch byte {
      case UInt8(ascii: "-") where dashes == 1: dashes = 2
      case _ where byte.isBlank && dashes > 1: dashes = 3
      default:
        endDashes()
        acceptResidue(byte)
      }
    case .comment: if comment.count < Self.longestComment { comment.append(byte) }
    case .abandoned: break
    }
  }

  private mutating func beginLine(_ byte: UInt8) {
    switch byte {
    case _ where byte.isBlank: break
    case UInt8(ascii: ">"):
      closeRecords()
      header.removeAll(keepingCapacity: true)
      hasHeaders = true
      state = .header
    case UInt8(ascii: ";"),
      UInt8(ascii: "#") where !hasHeaders:
      comment = [byte]
      state = .comment
    case UInt8(ascii: "-"):
      dashes = 1
      state = .dashes
    default:
      beginResidues()
      acceptResidue(byte)
    }
  }

  private mutating func beginResidues() {
    if record == nil { bareLines.current = FASTADraft(header: nil, line: line, rules: draftRules) }
    state = .residues
  }

  /// The line is more than `--`, or the input is an alignment: its dashes are gaps.
  private mutating func endDashes() {
    beginResidues()
    for _ in 0..<min(dashes, 2) { acceptResidue(UInt8(ascii: "-")) }
    if dashes > 2 { acceptResidue(UInt8(ascii: " ")) }
  }

  private mutating func acceptResidue(_ byte: UInt8) {
    // One look at the optional record for each byte.
    if record?.append(byte, line: line) == nil { bareLines.current?.append(byte, line: line) }
  }

  private mutating func endLine() {
    switch state {
    case .abandoned: return
    case .lineStart: closeBareLines()  // A blank line; ignored inside a record with a header.
    case .header: record = FASTADraft(header: header, line: line, rules: draftRules)
    case .residues: endResidues()
    case .dashes:
      if dashes > 1, !isAligned {
        if !hasToldOfSeparators { separator = separator ?? line }
        closeRecords()
      } else {
        endDashes()
        endResidues()
      }
    case .comment: query = query ?? A3MQuery(comment)
    }
    state = .lineStart
    line += 1
  }

  private var isAligned: Bool { hasGaps || record?.gaps.isEmpty == false || bareLines.hasGaps }

  private mutating func endResidues() {
    record?.endLine()
    for draft in bareLines.endLine() { complete(draft) }
  }

  private mutating func abandon(_ reason: FASTAError) {
    guard state != .abandoned else { return }
    state = .abandoned
    (record, bareLines) = (nil, BareLines(eachIsASequence: rules.readsLines))
    ready.append(.failure(reason))
  }
}

// === Lines to records ===

extension FASTAParser {
  private var draftRules: FASTARules {
    var rules = rules
    rules.isA3M = rules.isA3M || query != nil
    return rules
  }

  private mutating func closeBareLines() {
    for draft in bareLines.close() { complete(draft) }
  }

  private mutating func closeRecords() {
    closeBareLines()
    if let draft = record { complete(draft) }
    record = nil
  }

  private mutating func complete(_ draft: FASTADraft) {
    completed += 1
    hasGaps = hasGaps || !draft.gaps.isEmpty
    let result = draft.record(number: completed, file: file, separator: separator)
    if separator != nil, case .success = result { (separator, hasToldOfSeparators) = (nil, true) }
    ready.append(result)
  }
}
