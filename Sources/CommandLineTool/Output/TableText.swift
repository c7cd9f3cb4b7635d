// Lines of tables, with tabs or commas between their fields.

enum TableText {
  /// What separates the fields of a line.
  enum Form: Sendable {
    /// Tabs; tabs, line ends and backslashes within fields are written as `\t`, `\n`, `\r`, `\\`.
    case tabs
    /// Commas; fields with commas, quotes or line ends stand in quotes, and quotes in them are doubled (RFC 4180).
    case commas

    /// The form that the ending of a file's name asks for.
    init(ofFile path: String?) { self = path?.lowercased().hasSuffix(".csv") == true ? .commas : .tabs }
  }

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

  private static func inQuotesIfNeeded(_ field: String) -> String {
    guard field.unicodeScalars.contains(where: { ",\"\n\r".unicodeScalars.contains($0) }) else { return field }
    var text = "\""
    for scalar in field.unicodeScalars { text += scalar == "\"" ? "\"\"" : String(scalar) }
    return text + "\""
  }

  /// Fields as a line, nil as `NA`.
  static func line(_ fields: [String?], _ form: Form = .tabs) -> String {
    switch form {
    case .tabs: fields.map { $0.map(escaped) ?? "NA" }.joined(separator: "\t") + "\n"
    case .commas: fields.map { $0.map(inQuotesIfNeeded) ?? "NA" }.joined(separator: ",") + "\n"
    }
  }
}
