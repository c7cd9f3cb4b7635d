// Lines and columns of text, without Foundation.

import Platform

/// `text` padded with spaces to `width` characters.
package func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// The words of `text` in lines of at most `width` characters; a longer word has a line of its own.
package func wrapped(_ text: String, _ width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = ""
    }
    line += line.isEmpty ? String(word) : " " + word
  }
  if !line.isEmpty { lines.append(line) }
  return lines
}

/// Rows as lines of aligned columns, two spaces apart, with controls in a cell made visible; the last column is not padded.
package func aligned(_ rows: [[String]]) -> String {
  let rows = rows.map { $0.map { visible($0) } }
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in
    rows.map { column < $0.count - 1 ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    row.enumerated().map { column, cell in column < row.count - 1 ? padded(cell, widths[column]) : cell }
      .joined(separator: "  ") + "\n"
  }.joined()
}
