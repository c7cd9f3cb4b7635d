// A table of a page as aligned columns of filled lines.

/// A table that has been laid out for a width.
enum PageTable {
  /// Between columns.
  private static let gap = 2

  /// The lines of a table whose columns fit into `width`, each shown by `emphasis`; nil where they do not fit.
  ///
  /// - Parameters:
  ///   - rows: cells as words; the first row is the names of the columns.
  ///   - width: the most characters of a line.
  ///   - emphasis: how styles are shown.
  /// - Returns: the lines, without line ends.
  static func columns(_ rows: [[[StyledWord]]], width: Int, _ emphasis: Emphasis) -> [String]? {
    guard let widths = widths(rows, width) else { return nil }
    var lines: [String] = []
    for (index, row) in rows.enumerated() {
      let cells = zip(row, widths).map { StyledWord.lines($0, $1) }
      // Rows of several lines are separated by empty lines.
      let isTall = cells.contains { $0.count > 1 }
      if index > 1, isTall, lines.last != "" { lines.append("") }
      for number in 0..<(cells.map(\.count).max() ?? 0) {
        var line = "", filled = 0
        for (column, cell) in cells.enumerated() where number < cell.count {
          let start = widths[..<column].reduce(0) { $0 + $1 + gap }
          line += String(repeating: " ", count: start - filled) + emphasis.show(cell[number])
          filled = start + StyledWord.count(cell[number])
        }
        lines.append(line)
      }
      if index == 0 {
        lines.append(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "))
      } else if isTall, index < rows.count - 1 {
        lines.append("")
      }
    }
    return lines
  }

  /// Columns at their natural width, the widest narrowed until all fit; none narrower than its longest word.
  private static func widths(_ rows: [[[StyledWord]]], _ width: Int) -> [Int]? {
    let count = rows.map(\.count).max() ?? 0
    func cells(_ column: Int) -> [[StyledWord]] { rows.compactMap { column < $0.count ? $0[column] : nil } }
    var widths = (0..<count).map { cells($0).map(StyledWord.count).max() ?? 0 }
    let least = (0..<count).map { cells($0).flatMap { $0 }.map(\.count).max() ?? 0 }
    while widths.reduce(0, +) + gap * (count - 1) > width {
      let narrower = widths.indices.filter { widths[$0] > least[$0] }.max { widths[$0] < widths[$1] }
      guard let narrower else { return nil }
      widths[narrower] -= 1
    }
    return widths
  }
}
