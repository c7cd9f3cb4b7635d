// Messages on their way to a terminal: whatever they quote, their lines and their colours are the program's own.

import Platform

enum MessageText {
  /// `message` with controls made visible. Only a line end before a hint or before an indented line is one of the
  /// program's; any other has come with a name or a value, and must not begin a line that looks like a message.
  static func plain(_ message: String) -> String {
    let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first else { return "" }
    return lines.dropFirst().reduce(into: visible(String(first))) { text, line in
      text += line.hasPrefix(hintMark) || line.hasPrefix("      ") ? "\n" : "\\n"
      text += visible(String(line))
    }
  }

  /// How the line of a hint begins.
  static let hintMark = "hint: "
}
