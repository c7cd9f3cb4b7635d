// Characters that do not belong in a sequence, named so that a user can find the one that looks like a space.

/// A character that is no residue: its bytes, of which a valid UTF-8 sequence is shown by code point.
struct ForeignCharacter: CustomStringConvertible {
  private let bytes: [UInt8]
  private let scalar: UnicodeScalar?

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    let scalars = String(validating: bytes, as: UTF8.self).map { Array($0.unicodeScalars) } ?? []
    scalar = scalars.count == 1 ? scalars.first : nil
  }

  /// `'@'`, `'é' (U+00E9)`, `U+00A0 (no-break space)`, or `byte 0xE9` of another encoding.
  var description: String {
    guard let scalar else {
      return (bytes.count == 1 ? "byte " : "bytes ")
        + bytes.map { "0x" + Self.hexadecimal($0, 2) }.joined(separator: " ")
    }
    if scalar.isASCII, scalar.value > 0x20, scalar.value < 0x7F { return "'\(scalar)'" }
    let code = "U+" + Self.hexadecimal(scalar.value, 4)
    if isVisible(scalar) { return "'\(scalar)' (\(code))" }
    let properties = scalar.properties
    let name = properties.generalCategory == .control ? "control character" : properties.name
    return code + (name.map { " (\($0.lowercased()))" } ?? "")
  }

  /// Where such a character may come from.
  var hint: String {
    guard let scalar else {
      return "the file is not UTF-8; `iconv -f LATIN1 -t UTF-8 FILE` converts the encoding that most such files have"
    }
    if scalar == ">" { return "a '>' that begins a record must be the first character of its line" }
    if scalar.value == 0xFEFF { return "a byte order mark: two files were joined without a line end between them" }
    if scalar.isASCII { return "residues are ASCII letters; write X for one that is not known" }
    switch scalar.properties.generalCategory {
    case .spaceSeparator, .format, .lineSeparator, .paragraphSeparator:
      return "word processors, web pages and PDF files put such invisible characters into text; retype or remove it"
    case .dashPunctuation, .mathSymbol, .initialPunctuation, .finalPunctuation, .otherPunctuation:
      return "word processors put such signs in place of - and quotes; a gap is the ASCII sign -"
    case .uppercaseLetter, .lowercaseLetter, .otherLetter, .titlecaseLetter, .modifierLetter:
      return "a letter of another alphabet, even if it looks the same; residues are ASCII letters"
    default: return "residues are ASCII letters; write X for one that is not known"
    }
  }

  /// Whether it is safe and of use to show the character itself.
  private func isVisible(_ scalar: UnicodeScalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate,
      .nonspacingMark, .enclosingMark, .spacingMark:
      false
    default: true
    }
  }

  private static func hexadecimal(_ value: some BinaryInteger, _ width: Int) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
