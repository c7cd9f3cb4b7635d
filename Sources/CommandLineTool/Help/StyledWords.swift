// Text with emphasis, word by word, so that lines can be filled before invisible characters are added.

/// A word, or several that must stay on one line: pieces of one style each.
struct StyledWord: Equatable, Sendable {
  struct Piece: Equatable, Sendable {
    var text: String
    let style: MarkdownSpan.Style
  }

  var pieces: [Piece]

  /// The number of visible characters.
  var count: Int { pieces.reduce(0) { $0 + $1.text.count } }

  init(_ pieces: [Piece]) {
    self.pieces = pieces
  }

  /// Longer pieces of code may be broken between lines.
  private static let longestUnbroken = 36

  /// The words of `spans`.
  ///
  /// - Parameters:
  ///   - spans: the text.
  ///   - reference: what stands in brackets for the target of a link; nil for nothing.
  /// - Returns: the words, in order.
  static func words(
    _ spans: [MarkdownSpan], reference: (String) -> [Piece]? = { _ in nil }
  ) -> [StyledWord] {
    var words: [StyledWord] = []
    var word = StyledWord([])
    func end() {
      if !word.pieces.isEmpty { words.append(word) }
      word = StyledWord([])
    }
    for span in spans {
      switch span {
      case .text(let text, .code) where text.count <= longestUnbroken:
        word.pieces.append(Piece(text: text, style: .code))
      case .text(let text, let style):
        for (index, part) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
          if index > 0 { end() }
          if !part.isEmpty { word.pieces.append(Piece(text: String(part), style: style)) }
        }
      case .link(let target):
        guard let pieces = reference(target) else { continue }
        end()
        word.pieces = [Piece(text: "(", style: .plain)] + pieces + [Piece(text: ")", style: .plain)]
      }
    }
    end()
    return words
  }

  /// The words in lines of at most `width` characters; a longer word has a line of its own.
  static func lines(_ words: [StyledWord], _ width: Int) -> [[StyledWord]] {
    var lines: [[StyledWord]] = []
    var used = 0
    for word in words {
      if lines.isEmpty || used + 1 + word.count > width {
        lines.append([word])
        used = word.count
      } else {
        lines[lines.count - 1].append(word)
        used += 1 + word.count
      }
    }
    return lines
  }

  /// The number of characters of a line.
  static func count(_ line: [StyledWord]) -> Int {
    line.reduce(0) { $0 + $1.count } + max(0, line.count - 1)
  }
}

/// How emphasis is shown.
package enum Emphasis: Sendable {
  /// Without emphasis: for files, pipes and terminals without colour.
  case none
  /// By the terminal: bold and underlined.
  case terminal

  /// Code and strong words are bold, emphasised ones underlined, as man pages have it.
  func show(_ text: String, _ style: MarkdownSpan.Style) -> String {
    guard self == .terminal else { return text }
    switch style {
    case .plain: return text
    case .code, .strong: return "\u{1B}[1m\(text)\u{1B}[22m"
    case .emphasis: return "\u{1B}[4m\(text)\u{1B}[24m"
    }
  }

  func show(_ line: [StyledWord]) -> String {
    line.map { $0.pieces.map { show($0.text, $0.style) }.joined() }.joined(separator: " ")
  }
}
