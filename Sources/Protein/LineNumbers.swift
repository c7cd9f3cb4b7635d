// Digits within the lines of a sequence: numbers of lines and blocks, or something that does not belong there.

/// The runs of digits of a line, or of several.
struct LineNumbers: Sendable {
  /// The run under way, digits and value; 0 digits where there is none.
  private var run = 0, value = 0
  /// Residues before the run, and whether it is the first thing in its line and follows a letter at once.
  private var position = 0, isFirst = false, isBesideLetter = false
  /// The value of the first run, if no residue was before it, and that of the last, if no residue has come since.
  private(set) var before: Int?, after: Int?

  /// Takes a digit; `position`: the residues so far; `isFirst`: whether the line has nothing before it; `isAfterLetter`:
  /// whether a letter is before it.
  mutating func append(_ digit: UInt8, beside position: Int, isFirst: Bool, isAfterLetter: Bool) {
    if run == 0 { (self.position, self.isFirst, value, isBesideLetter) = (position, isFirst, 0, isAfterLetter) }
    run += 1
    // More than any sequence has residues, and far from overflow.
    value = min(value * 10 + Int(digit - UInt8(ascii: "0")), 1 << 40)
  }

  /// Ends a run at a letter (`isGlued`) or at a blank.
  ///
  /// - Returns: its digits and the residues before it, if it is beside a letter and so is no number of a line.
  mutating func end(isGlued: Bool) -> (count: Int, position: Int)? {
    if isGlued { after = nil }
    guard run > 0 else { return nil }
    let count = run
    run = 0
    if isGlued || isBesideLetter { return (count, position) }
    if isFirst { before = before ?? value } else { after = value }
    return nil
  }
}
