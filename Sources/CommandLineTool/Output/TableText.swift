// Lines of tables, with tabs or commas between their fields: the one way for a text to become a field.

import Platform

enum TableText {
  /// What separates the fields of a line.
  enum Form: Sendable {
    /// Tabs; tabs, line ends and backslashes within fields are written as `\t`, `\n`, `\r`, `\\`.
    case tabs
    /// Commas; fields with commas, quotes or line ends stand in quotes, and quotes in them are doubled (RFC 4180); controls are escaped.
    case commas

    /// The form that the ending of a file's name asks for.
    init(ofFile path: String?) { self = path?.lowercased().hasSuffix(".csv") == true ? .commas : .tabs }
  }

  private static func inQuotesIfNeeded(_ field: String) -> String {
    let isQuoted = field.unicodeScalars.contains { ",\"\n\r".unicodeScalars.contains($0) }
    var text = ""
    for scalar in field.unicodeScalars {
      switch scalar {
      case "\"": text += "\"\""
      case _ where scalar.isControl && !"\t\n\r".unicodeScalars.contains(scalar): text += scalar.jsonEscape
      default: text.unicodeScalars.append(scalar)
      }
    }
    return isQuoted ? "\"\(text)\"" : text
  }

  /// Fields as a line, nil as `NA`.
  static func line(_ fields: [String?], _ form: Form = .tabs) -> String {
    switch form {
    case .tabs: fields.map { $0.map(TableField.escaped) ?? "NA" }.joined(separator: "\t") + "\n"
    case .commas: fields.map { $0.map(inQuotesIfNeeded) ?? "NA" }.joined(separator: ",") + "\n"
    }
  }
}
