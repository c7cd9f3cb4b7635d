// Lines without a header: which of them are one sequence that was wrapped, and which are a sequence each.

/// Adjacent lines of residues without a header.
///
/// They are one sequence if the line numbers beside them count its residues. Otherwise each is its own if
///
/// - their lengths differ: one of them but the last is shorter than the first, or the last is longer;
/// - all begin with M, as most proteins do and few lines of one;
/// - all, the last too, have the same length, and that is not one to which texts are wrapped. A wrapped sequence fills
///   its last line once in as many times as a line has letters; designs of one protein always have the same length.
struct BareLines: Sendable {
  /// Widths to which programs wrap sequences.
  private static let widths: Set<Int> = [50, 60, 70, 80, 100, 120]

  /// Whether each line is a sequence because it was asked for.
  private let eachIsASequence: Bool
  /// The line being read.
  var current: FASTADraft?
  private var lines: [FASTADraft] = []
  private var letters = 0
  /// The lines have different lengths: each is a sequence, and none is kept.
  private var areSeparate = false

  init(eachIsASequence: Bool) { self.eachIsASequence = eachIsASequence }

  var hasGaps: Bool { lines.contains { !$0.gaps.isEmpty } }

  /// Ends the current line.
  ///
  /// - Returns: the sequences that are complete.
  mutating func endLine() -> [FASTADraft] {
    guard var draft = current else { return [] }
    current = nil
    draft.endLine()
    draft.closeToken()
    guard !draft.isEmpty else { return [] }  // Only digits, such as a ruler above the residues.
    if eachIsASequence || areSeparate { return [draft] }
    if let first = lines.first, let last = lines.last, last.width != first.width || draft.width > first.width {
      areSeparate = true
      lines.append(draft)
      return takeEach(.differentLengths)
    }
    lines.append(draft)
    letters += draft.width
    // One overlong sequence, or millions of lines that all have the same width.
    return letters > FASTAParser.longestSequence ? close() : []
  }

  /// Ends the group of lines.
  ///
  /// - Returns: the sequences that are complete.
  mutating func close() -> [FASTADraft] {
    areSeparate = false
    guard let first = lines.first else { return [] }
    if let reason = separation { return takeEach(reason) }
    let whole = lines.dropFirst().reduce(into: first) { $0.append(contentsOf: $1) }
    (lines, letters) = ([], 0)
    return [whole]
  }

  /// Why these lines, which may be a wrapped sequence by their lengths, are none; nil if they are.
  private var separation: FASTAWarning.Separation? {
    guard lines.count > 1, let first = lines.first, let last = lines.last, !areNumbered else { return nil }
    if lines.allSatisfy({ $0.firstLetter == UInt8(ascii: "M") }) { return .methionines }
    return last.width == first.width && !Self.widths.contains(first.width) ? .sameLength : nil
  }

  /// Whether the number before each line, or behind it, says where in the sequence it is.
  private var areNumbered: Bool {
    zip(lines, lines.dropFirst()).allSatisfy { one, next in
      if let number = one.numberBefore, let after = next.numberBefore { return after - number == one.width }
      if let number = one.numberAfter, let after = next.numberAfter { return after - number == next.width }
      return false
    }
  }

  private mutating func takeEach(_ reason: FASTAWarning.Separation) -> [FASTADraft] {
    lines[0].separation = reason
    defer { (lines, letters) = ([], 0) }
    return lines
  }
}
