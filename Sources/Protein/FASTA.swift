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
/// Tolerated: blank lines, line ends LF, CRLF and CR, a UTF-8 byte order mark, spaces and digits inside sequences, lower
/// case, `*` at the end, lines that begin with `;` (comments). Other letters, `-`, `.` and `*` stay in the sequence and
/// fold as X, with one warning for the record. A bad record is one error and does not stop the others; only a NUL ends
/// the input, since it is then not text.
///
/// Lines without a header are sequences named `sequence_N`. A blank line separates them. Adjacent lines are one
/// sequence if they look wrapped (all as long as the first, the last no longer), otherwise each is its own; either way
/// there is a warning.
///
/// Nucleotides are refused: at least 8 letters, all of A, C, G, T, U or N, with all four bases present (T or U), which
/// accepts peptides such as `AAAAAAAAAA` or `GAGAGAGAGA`.
///
/// Memory: the current record, and the records that have not been taken yet.
package struct FASTAParser: Sendable {
  /// Letters of the longest record; the longest protein known has 45 000. A compressed file of 1 MB can hold one of 1 GB.
  package static let longestSequence = 1 << 24

  private enum State { case lineStart, header, comment, residues, abandoned }

  private let file: String
  private let dialect: FASTADialect
  private var state = State.lineStart
  private var line = 1
  /// The last byte was CR, so an LF belongs to the same line end.
  private var afterCarriageReturn = false
  /// Bytes of a byte order mark seen at the start; nil once that question is settled.
  private var markLength: Int? = 0
  private var isFinished = false

  /// Bytes of the current header line.
  private var header: [UInt8] = []
  /// The current record if it has a header.
  private var record: FASTADraft?
  /// The current line, and the lines before it, when there is no header.
  private var bareLine: FASTADraft?
  private var bareLines: [FASTADraft] = []
  private var bareLetters = 0
  /// The current lines have different lengths: each is a sequence.
  private var bareLinesAreSeparate = false

  /// Records completed so far; numbers the unnamed ones.
  private var completed = 0
  private var ready: [Result<FASTARecord, FASTAError>] = []
  private var taken = 0

  /// Creates a parser; `file` is only the name of the input in records and messages.
  package init(file: String, dialect: FASTADialect = .residues) {
    self.file = file
    self.dialect = dialect
  }

  /// Takes the next piece of the input.
  package mutating func push(_ bytes: some Sequence<UInt8>) {
    precondition(!isFinished, "push after finish")
    let done: Void? = bytes.withContiguousStorageIfAvailable { for byte in $0 { accept(byte) } }
    if done == nil { for byte in bytes { accept(byte) } }
  }

  /// Ends the input, which completes the last record.
  package mutating func finish() {
    if isFinished { return }
    giveUpMark()
    endLine()
    closeRecords()
    isFinished = true
    if completed == 0 && state != .abandoned { ready.append(.failure(.noRecords(file: file))) }
  }

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

  /// All records of a complete input.
  package static func records(in bytes: some Sequence<UInt8>, file: String) -> [Result<FASTARecord, FASTAError>] {
    var parser = FASTAParser(file: file)
    parser.push(bytes)
    parser.finish()
    return parser.ready
  }
}

// === Bytes to lines ===

extension FASTAParser {
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private mutating func accept(_ byte: UInt8) {
    if let length = markLength {
      if byte == Self.byteOrderMark[length] {
        markLength = length + 1 < Self.byteOrderMark.count ? length + 1 : nil
        return
      }
      giveUpMark()
    }
    if byte == UInt8(ascii: "\n") && afterCarriageReturn {
      afterCarriageReturn = false
      return
    }
    afterCarriageReturn = byte == UInt8(ascii: "\r")
    switch byte {
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"): endLine()
    case 0: abandon()
    default: acceptInLine(byte)
    }
  }

  /// The input does not begin with a whole byte order mark: what looked like one is content.
  private mutating func giveUpMark() {
    guard let length = markLength else { return }
    markLength = nil
    for byte in Self.byteOrderMark.prefix(length) { accept(byte) }
  }

  /// The rest is dropped: a compressed file can hold headers larger than memory.
  private static let longestHeader = 1 << 16

  private mutating func acceptInLine(_ byte: UInt8) {
    switch state {
    case .lineStart where byte.isBlank: break
    case .lineStart where byte == UInt8(ascii: ">"):
      closeRecords()
      header.removeAll(keepingCapacity: true)
      state = .header
    case .lineStart where byte == UInt8(ascii: ";"): state = .comment
    case .lineStart:
      if record == nil { bareLine = FASTADraft(header: nil, line: line, dialect: dialect) }
      state = .residues
      acceptResidue(byte)
    case .header: if header.count < Self.longestHeader { header.append(byte) }
    case .residues: acceptResidue(byte)
    case .comment, .abandoned: break
    }
  }

  private mutating func acceptResidue(_ byte: UInt8) {
    if record == nil { bareLine?.append(byte, line: line) } else { record?.append(byte, line: line) }
  }

  private mutating func endLine() {
    switch state {
    case .abandoned: return
    case .lineStart: closeBareLines()  // A blank line; ignored inside a record with a header.
    case .header: record = FASTADraft(header: header, line: line, dialect: dialect)
    case .residues: endBareLine()
    case .comment: break
    }
    state = .lineStart
    line += 1
  }

  private mutating func abandon() {
    guard state != .abandoned else { return }
    state = .abandoned
    (record, bareLine, bareLines) = (nil, nil, [])
    ready.append(.failure(.notText(file: file, line: line)))
  }
}

// === Lines to records ===

extension FASTAParser {
  private mutating func endBareLine() {
    guard var draft = bareLine else { return }
    bareLine = nil
    draft.closeToken()
    guard !draft.isEmpty else { return }  // Only digits, such as a ruler above the residues.
    if bareLinesAreSeparate { return complete(draft) }
    if let first = bareLines.first, let last = bareLines.last, last.count != first.count || draft.count > first.count {
      bareLinesAreSeparate = true
      bareLines[0].linesAreSeparate = true
      bareLines.append(draft)
      bareLines.forEach { complete($0) }
      bareLines = []
      bareLetters = 0
    } else {
      bareLines.append(draft)
      bareLetters += draft.count
      // One overlong sequence, or millions of lines that all have the same width.
      if bareLetters > Self.longestSequence { closeBareLines() }
    }
  }

  private mutating func closeBareLines() {
    if let first = bareLines.first {
      complete(bareLines.dropFirst().reduce(into: first) { $0.append(contentsOf: $1) })
    }
    bareLines = []
    bareLetters = 0
    bareLinesAreSeparate = false
  }

  private mutating func closeRecords() {
    closeBareLines()
    if let draft = record { complete(draft) }
    record = nil
  }

  private mutating func complete(_ draft: FASTADraft) {
    completed += 1
    ready.append(draft.record(number: completed, file: file))
  }
}

extension UInt8 {
  /// Space, tab, vertical tab or form feed.
  var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == 0x0B || self == 0x0C }
}
