// Lines of tables with tabs between their fields.

enum TableText {
  /// The field with tabs, line ends and backslashes written as `\t`, `\n`, `\r`, `\\`.
  static func escaped(_ field: String) -> String {
    var text = ""
    for scalar in field.unicodeScalars {
      switch scalar {
      case "\t": text += "\\t"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\\": text += "\\\\"
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
