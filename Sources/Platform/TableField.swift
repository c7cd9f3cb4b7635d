// A text as a field of a table with tabs, and back.

package enum TableField {
  /// The field with tabs, line ends and backslashes written as `\t`, `\n`, `\r`, `\\`, and other controls as `\u001b`, all as
  /// in JSON.
  package static func escaped(_ field: String) -> String { jsonEscaped(field, quotationMarks: false) }

  /// The text that `escaped` has made a field of.
  package static func unescaped(_ field: some StringProtocol) -> String {
    guard field.utf8.contains(UInt8(ascii: "\\")) else { return String(field) }
    var text = String.UnicodeScalarView(), rest = Substring(field).unicodeScalars
    while let scalar = rest.popFirst() {
      guard scalar == "\\", let mark = rest.popFirst() else {
        text.append(scalar)
        continue
      }
      switch mark {
      case "t": text.append("\t")
      case "n": text.append("\n")
      case "r": text.append("\r")
      case "u":
        let digits = rest.prefix(4)
        if digits.count == 4, let value = UInt32(String(digits), radix: 16), let scalar = Unicode.Scalar(value) {
          text.append(scalar)
          rest = rest.dropFirst(4)
        }
      default: text.append(mark)
      }
    }
    return String(text)
  }
}
