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

  enum State { case lineStart, dashes, header, comment, residues, abandoned }

  let file: String
  let rules: FASTARules
  /// The first bytes, until it is clear that they are sequences.
  var head: InputHead? = InputHead()
  var state = State.lineStart
  var line = 1
  /// The last byte was CR, so an LF belongs to the same line end.
  var afterCarriageReturn = false
  /// Bytes of a byte order mark, at the start of the line or within residues; all three only where residues are before.
  var markLength = 0
  /// The line so far: `-` is 1, `--` is 2, `--` and blanks is 3.
  var dashes = 0
  private var isFinished = false

  /// Bytes of the current header line.
  var header: [UInt8] = []
  var hasHeaders = false
  /// The beginning of the current comment.
  var comment: [UInt8] = []
  /// The current record if it has a header.
  var record: FASTADraft?
  /// The current lines, if they have no header.
  var bareLines: BareLines
  /// Whether a completed record had gaps, so that the input is an alignment.
  var hasGaps = false
  /// The first line of `--`; nil where there is none, or a record's warning has told of it.
  var separator: Int?
  var hasToldOfSeparators = false
  /// The chains of the query, if a first line like `#20\t1` says that this is an A3M.
  package internal(set) var query: A3MQuery?

  /// Records completed so far; numbers the unnamed ones.
  private var completed = 0
  var ready: [Result<FASTARecord, FASTAError>] = []
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

// === Lines to records ===

extension FASTAParser {
  var draftRules: FASTARules {
    var rules = rules
    rules.isA3M = rules.isA3M || query != nil
    return rules
  }

  mutating func closeBareLines() {
    for draft in bareLines.close() { complete(draft) }
  }

  mutating func closeRecords() {
    closeBareLines()
    if let draft = record { complete(draft) }
    record = nil
  }

  mutating func complete(_ draft: FASTADraft) {
    completed += 1
    hasGaps = hasGaps || !draft.gaps.isEmpty
    let result = draft.record(number: completed, file: file, separator: separator)
    if separator != nil, case .success = result { (separator, hasToldOfSeparators) = (nil, true) }
    ready.append(result)
  }
}
