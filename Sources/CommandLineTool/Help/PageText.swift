// A page of the manual as text for a terminal of 80 columns.

package enum PageText {
  /// The body of a page stands this far to the right of its headings.
  private static let indent = 4

  /// The whole page.
  ///
  /// - Parameters:
  ///   - page: the page.
  ///   - emphasis: whether bold and underlined words may be shown.
  /// - Returns: the text, with its last line end.
  package static func text(_ page: ManualPage, _ emphasis: Emphasis) -> String {
    page.blocks.map { lines($0, emphasis).map { $0 + "\n" }.joined() }.joined(separator: "\n")
  }

  private static func lines(_ block: MarkdownBlock, _ emphasis: Emphasis) -> [String] {
    let width = HelpText.width - indent
    switch block {
    case .heading(1, let spans):
      return [emphasis.show(MarkdownSpan.plainText(spans).uppercased(), .strong)]
    case .heading(let level, let spans):
      // The indentation shows the level of the heading.
      return [String(repeating: " ", count: level == 2 ? 0 : 2) + emphasis.show(MarkdownSpan.plainText(spans), .strong)]
    case .paragraph(let spans):
      return StyledWord.lines(words(spans), width).map { indented(emphasis.show($0), indent) }
    case .list(let items, let isNumbered):
      return items.enumerated().flatMap { index, item in
        let marker = isNumbered ? "\(index + 1). " : "- "
        return StyledWord.lines(words(item), width - marker.count).enumerated().map { number, line in
          indented(
            (number == 0 ? marker : String(repeating: " ", count: marker.count)) + emphasis.show(line), indent)
        }
      }
    case .code(let lines):
      return lines.map { indented($0, indent + 2) }
    case .table(let rows):
      let cells = rows.map { $0.map(words) }
      let lines = PageTable.columns(cells, width: width, emphasis) ?? entries(cells, width: width, emphasis)
      return lines.map { indented($0, indent) }
    }
  }

  /// A table as a list: the first cell of each row, and below it the others.
  private static func entries(_ rows: [[[StyledWord]]], width: Int, _ emphasis: Emphasis) -> [String] {
    rows.dropFirst().flatMap { row in
      StyledWord.lines(row.first ?? [], width).map { emphasis.show($0) }
        + row.dropFirst().flatMap { cell in
          StyledWord.lines(cell, width - indent).map { indented(emphasis.show($0), indent) }
        }
    }
  }

  private static func words(_ spans: [MarkdownSpan]) -> [StyledWord] {
    StyledWord.words(spans) { target in
      if let topic = ManualPage.named(inLink: target) {
        return [StyledWord.Piece(text: "esmfold help \(topic)", style: .code)]
      }
      // Other files of the repository are not available where the program runs.
      return target.contains("://") ? [StyledWord.Piece(text: target, style: .plain)] : nil
    }
  }

  private static func indented(_ line: String, _ count: Int) -> String {
    line.isEmpty ? "" : String(repeating: " ", count: count) + line
  }
}
