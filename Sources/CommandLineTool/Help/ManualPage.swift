// The manual: pages written in Markdown, embedded in the program (see CManual).

import CManual

/// A topic of the manual.
package struct ManualPage: Sendable {
  /// The word after `esmfold help`, and the name of the file.
  package let name: String
  package let markdown: String

  package init(name: String, markdown: String) {
    self.name = name
    self.markdown = markdown
  }

  /// All pages, in the order in which they are listed.
  package static let all = (0..<manual_page_count()).map { index in
    let page = manual_page_at(index)
    return ManualPage(name: String(cString: page.name), markdown: String(cString: page.text))
  }

  package static func named(_ name: String) -> ManualPage? { all.first { $0.name == name } }

  /// The topic that a link within the manual leads to, `weights` for `weights.md#mirrors`.
  static func named(inLink target: String) -> String? {
    let file = target.prefix { $0 != "#" }
    guard file.hasSuffix(".md"), !file.contains("/") else { return nil }
    return String(file.dropLast(3))
  }

  package var blocks: [MarkdownBlock] { Markdown.blocks(markdown) }

  /// What the page is about, as its first heading says.
  package var title: String {
    // The list of topics needs all titles, and nothing else of the pages.
    let firstLine = String(markdown.prefix { $0 != "\n" })
    return if case .heading(1, let spans) = Markdown.blocks(firstLine).first { MarkdownSpan.plainText(spans) } else {
      name
    }
  }

  /// The title in a list, where the name of the topic stands beside it: what follows its colon, if it has one.
  package var summary: String {
    if let colon = title.firstRange(of: ": ") { return String(title[colon.upperBound...]) }
    return title.prefix(1).lowercased() + title.dropFirst()
  }
}
