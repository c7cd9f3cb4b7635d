// Option values that are refused, and the parsing of whole numbers.

/// Says why a value was refused: what the option expects. The parser adds the option and the value found.
package struct InvalidValue: Error {
  package let expected: String

  package init(_ expected: String) {
    self.expected = expected
  }
}

/// Read a whole number from `minimum` to `maximum`.
///
/// - Throws: `InvalidValue` when the text is not such a number.
package func wholeNumber(
  _ text: String, atLeast minimum: Int, atMost maximum: Int = 1_000_000
) throws(InvalidValue) -> Int {
  let digits = text.utf8.allSatisfy { (48...57).contains($0) }
  guard digits, let number = Int(text), number >= minimum, number <= maximum else {
    throw InvalidValue("a whole number from \(minimum) to \(maximum)")
  }
  return number
}

/// `0.15`, `.15` or `2`, as people write numbers that are not negative; nil for other texts.
func decimal(_ text: String) -> Double? {
  text.wholeMatch(of: #/[0-9]+(\.[0-9]*)?|\.[0-9]+/#) == nil ? nil : Double(text.hasSuffix(".") ? text + "0" : text)
}
