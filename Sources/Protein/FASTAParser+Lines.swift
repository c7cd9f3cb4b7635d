// Bytes to lines: what each byte of FASTA text is, by the line that it is in.

extension FASTAParser {
  /// Reads the first bytes, or refuses the input, as soon as they show what it is.
  mutating func examineHead(isComplete: Bool) {
    guard let head, let verdict = head.verdict(isComplete: isComplete) else { return }
    self.head = nil
    switch verdict {
    case .sequences: for byte in head.bytes { accept(byte) }
    case .foreign(let format): abandon(.foreign(format, file: file))
    }
  }

  /// Takes many bytes: of letters of a sequence and of a header, which most are, as many at once as follow each other.
  mutating func accept(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
    var rest = bytes
    while let byte = rest.first {
      if state == .residues, markLength == 0, byte.isASCIIUppercase {
        let run = rest.prefix { $0.isASCIIUppercase }
        if record?.append(letters: run, line: line) == nil { bareLines.current?.append(letters: run, line: line) }
        rest = rest[run.endIndex...]
      } else if state == .header, byte.isInsideLine {
        let run = rest.prefix(while: \.isInsideLine)
        acceptHeader(run)
        rest = rest[run.endIndex...]
      } else {
        accept(byte)
        rest = rest.dropFirst()
      }
    }
  }

  mutating func accept(_ byte: UInt8) {
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
  mutating func giveUpMark() {
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
    case .header: acceptHeader(CollectionOfOne(byte))
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

  private mutating func acceptHeader(_ bytes: some Collection<UInt8>) {
    header += bytes.prefix(Self.longestHeader - header.count)
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

  mutating func endLine() {
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
