// Lines of tables with tabs between their fields: the one way for a text to become a field.

import Platform

enum TableText {
  /// The field with tabs, line ends and backslashes written as `\t`, `\n`, `\r`, `\\`, and other controls as `\u001b`, all as
  /// in JSON.
  static func escaped(_ field: String) -> String {
    var text = ""
    for scalar in field.unicodeScalars {
      switch scalar {
      case "\t": text += "\\t"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\\": text += "\\\\"
      case _ where scalar.isControl: text += scalar.jsonEscape
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// Fields as a line, nil as `NA`.
  static func line(_ fields: [String?]) -> String {
    fields.map { $0.map(escaped) ?? "NA" }.joined(separator: "\t") + "\n"
  }
}
