// The part of Markdown that the manual is written in: headings, paragraphs, lists, tables, blocks of code. The rest of
// Markdown (quotations, nested lists, pictures, HTML other than comments) is neither supported nor used.

/// A piece of a paragraph, a cell or a heading.
package enum MarkdownSpan: Equatable, Sendable {
  package enum Style: Sendable {
    case plain, code, strong, emphasis
  }

  case text(String, Style)
  /// Where the text before it leads to.
  case link(String)
}

/// A part of a page.
package enum MarkdownBlock: Equatable, Sendable {
  case heading(level: Int, [MarkdownSpan])
  case paragraph([MarkdownSpan])
  case list(items: [[MarkdownSpan]], isNumbered: Bool)
  /// Rows of cells, the first of which are the names of the columns.
  case table([[[MarkdownSpan]]])
  case code([String])
}

package enum Markdown {
  /// The blocks of a page, in order; comments are left out.
  package static func blocks(_ text: String) -> [MarkdownBlock] {
    var parser = Parser(lines: text.split(separator: "\n", omittingEmptySubsequences: false)[...])
    return parser.blocks()
  }

  private struct Parser {
    var lines: ArraySlice<Substring>

    mutating func blocks() -> [MarkdownBlock] {
      var blocks: [MarkdownBlock] = []
      while let line = lines.first {
        if line.isEmpty {
          lines.removeFirst()
        } else if line.hasPrefix("<!--") {
          while let line = lines.popFirst(), !line.hasSuffix("-->") {}
        } else if line.hasPrefix("```") {
          blocks.append(code())
        } else if line.hasPrefix("#") {
          let level = line.prefix { $0 == "#" }.count
          blocks.append(.heading(level: level, MarkdownSpan.spans(line.dropFirst(level + 1))))
          lines.removeFirst()
        } else if line.hasPrefix("|") {
          blocks.append(table())
        } else if Self.marker(line) != nil {
          blocks.append(list())
        } else {
          blocks.append(.paragraph(MarkdownSpan.spans(running())))
        }
      }
      return blocks
    }

    private mutating func code() -> MarkdownBlock {
      lines.removeFirst()
      let content = lines.prefix { !$0.hasPrefix("```") }
      lines = lines.dropFirst(content.count + 1)
      return .code(content.map(String.init))
    }

    private mutating func table() -> MarkdownBlock {
      let rows = lines.prefix { $0.hasPrefix("|") }
      lines = lines.dropFirst(rows.count)
      // The second row only separates the names of the columns from the others.
      return .table(rows.enumerated().filter { $0.offset != 1 }.map { Self.cells($0.element) })
    }

    private static func cells(_ row: Substring) -> [[MarkdownSpan]] {
      var cells = [""]
      var isEscaped = false
      for character in row.dropFirst() {
        if character == "|", !isEscaped {
          cells.append("")
        } else {
          // GitHub treats a bar as the end of a cell even inside code, so it is escaped there too.
          if character == "|" { cells[cells.count - 1].removeLast() }
          cells[cells.count - 1].append(character)
        }
        isEscaped = character == "\\" && !isEscaped
      }
      return cells.dropLast().map { MarkdownSpan.spans($0.trimmed) }
    }

    private mutating func list() -> MarkdownBlock {
      var items: [[MarkdownSpan]] = []
      let isNumbered = lines.first?.first != "-"
      while let line = lines.first, let marker = Self.marker(line) {
        lines[lines.startIndex] = line.dropFirst(marker)
        items.append(MarkdownSpan.spans(running()))
      }
      return .list(items: items, isNumbered: isNumbered)
    }

    /// The length of the marker of an item, `- ` or `1. `; 0 for other lines.
    private static func marker(_ line: Substring) -> Int? {
      if line.hasPrefix("- ") { return 2 }
      let digits = line.prefix { $0.isASCII && $0.isNumber }.count
      return digits > 0 && line.dropFirst(digits).hasPrefix(". ") ? digits + 2 : nil
    }

    /// The lines of a paragraph or an item as one; it ends at an empty line or where something else begins.
    private mutating func running() -> Substring {
      let first = lines.popFirst() ?? ""
      let more = lines.prefix { line in
        !line.isEmpty && !line.hasPrefix("|") && !line.hasPrefix("#") && !line.hasPrefix("```")
          && !line.hasPrefix("<!--") && Self.marker(line) == nil
      }
      lines = lines.dropFirst(more.count)
      return Substring(([first] + more).map { String($0.trimmed) }.joined(separator: " "))
    }
  }
}

extension MarkdownSpan {
  /// The spans of running text: `code`, **strong**, *emphasis*, [links](target), backslashes before punctuation.
  package static func spans(_ text: Substring) -> [MarkdownSpan] {
    var spans: [MarkdownSpan] = []
    var plain = ""
    var rest = text
    func end() {
      if !plain.isEmpty { spans.append(.text(plain, .plain)) }
      plain = ""
    }
    while let character = rest.popFirst() {
      switch character {
      case "\\":
        if let next = rest.popFirst() { plain.append(next) }
      case "`":
        if let inner = upTo("`", &rest) {
          end()
          spans.append(.text(String(inner), .code))
          continue
        }
        plain.append(character)
      case "*":
        let here = text.index(before: rest.startIndex)
        let previous = here > text.startIndex ? text[text.index(before: here)] : nil
        let isStrong = rest.hasPrefix("*")
        if isStrong { rest.removeFirst() }
        if begins(after: previous, before: rest.first), let inner = upTo(isStrong ? "**" : "*", &rest) {
          end()
          // Emphasis is of plain text and code only.
          for case .text(let text, let style) in MarkdownSpan.spans(inner) {
            spans.append(.text(text, style == .code ? .code : isStrong ? .strong : .emphasis))
          }
          continue
        }
        plain.append(isStrong ? "**" : "*")
      case "[":
        var after = rest
        if let inner = upTo("](", &after), let target = upTo(")", &after) {
          end()
          spans += MarkdownSpan.spans(inner) + [.link(String(target))]
          rest = after
          continue
        }
        plain.append(character)
      default:
        plain.append(character)
      }
    }
    end()
    return spans
  }

  /// Whether asterisks between these characters may begin an emphasis, by the rules of CommonMark: those of `Mol*, …` do not.
  private static func begins(after previous: Character?, before next: Character?) -> Bool {
    func isPunctuation(_ character: Character) -> Bool { character.isPunctuation || character.isSymbol }
    guard let next, !next.isWhitespace else { return false }
    return !isPunctuation(next) || previous.map { $0.isWhitespace || isPunctuation($0) } ?? true
  }

  /// Takes the text before `mark` and the mark itself from `rest`; nil, and nothing is taken, where there is none.
  private static func upTo(_ mark: String, _ rest: inout Substring) -> Substring? {
    guard let range = rest.firstRange(of: mark) else { return nil }
    defer { rest = rest[range.upperBound...] }
    return rest[..<range.lowerBound]
  }

  /// The text of spans without their styles.
  package static func plainText(_ spans: [MarkdownSpan]) -> String {
    spans.map { if case .text(let text, _) = $0 { text } else { "" } }.joined()
  }
}

extension StringProtocol where SubSequence == Substring {
  /// Without spaces at either end.
  var trimmed: Substring {
    let start = drop { $0 == " " }
    return start.dropLast(start.reversed().prefix { $0 == " " }.count)
  }
}
