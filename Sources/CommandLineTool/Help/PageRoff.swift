// A page of the manual as a man page of section 7.

extension ManualPage {
  /// The name of the man page without its section.
  var manName: String { "esmfold-\(name)" }

  /// The page in roff.
  package var roff: String {
    var roff = Roff(manName, section: ManPages.topicSection)
    roff.macro("SH", "NAME")
    roff.words("\(manName) - \(summary)")
    roff.macro("SH", "DESCRIPTION")
    for block in blocks.dropFirst() { Self.write(block, to: &roff) }
    roff.macro("SH", "SEE ALSO")
    roff.words(ManPages.references([ManPages.program]))
    return roff.text
  }

  private static func write(_ block: MarkdownBlock, to roff: inout Roff) {
    switch block {
    case .heading(let level, let spans):
      let text = MarkdownSpan.plainText(spans)
      if level <= 2 { roff.macro("SH", text.uppercased()) } else { roff.macro("SS", text) }
    case .paragraph(let spans):
      roff.paragraph(words(spans))
    case .list(let items, let isNumbered):
      for (index, item) in items.enumerated() {
        if isNumbered { roff.macro("IP", "\(index + 1).", "4n") } else { roff.bullet() }
        roff.words(words(item))
      }
    case .code(let lines):
      roff.verbatim(lines)
    case .table(let rows) where rows.allSatisfy { $0.count == 2 }:
      for row in rows.dropFirst() {
        roff.macro("TP", words(row[0]))
        roff.words(row[1].isEmpty ? [StyledWord([.init(text: "-", style: .plain)])] : words(row[1]))
      }
    case .table(let rows):
      // Columns are aligned here, so that no preprocessor is needed. man leaves 7 columns at the left.
      let cells = rows.map { $0.map(words) }
      roff.verbatim(PageTable.columns(cells, width: ManPages.width, .none) ?? rows.map(plain))
    }
  }

  private static func plain(_ row: [[MarkdownSpan]]) -> String {
    row.map(MarkdownSpan.plainText).joined(separator: "  ")
  }

  private static func words(_ spans: [MarkdownSpan]) -> [StyledWord] {
    StyledWord.words(spans) { target in
      if let topic = ManualPage.named(inLink: target) {
        return [
          .init(text: "esmfold-\(topic)", style: .strong), .init(text: "(\(ManPages.topicSection))", style: .plain),
        ]
      }
      return target.contains("://") ? [.init(text: target, style: .plain)] : nil
    }
  }
}
