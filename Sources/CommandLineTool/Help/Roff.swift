// Man pages are written in roff with the macros of man(7). Both groff and mandoc read what is written here without a
// warning.

/// A man page under construction.
package struct Roff {
  /// mandoc complains about longer lines in the source.
  private static let sourceWidth = 78
  /// The day that man pages show; it changes with the version.
  private static let date = "2026-11-27"

  package private(set) var text: String
  /// Whether the last line is a heading, which begins a paragraph by itself.
  private var isAfterHeading = false

  /// Begins the page `name`(`section`).
  package init(_ name: String, section: Int) {
    // mandoc expects the title in capital letters and the date without escapes.
    text =
      ".TH \(name.uppercased()) \(section) \(Self.date) \"esmfold \(programVersion)\" \"esmfold manual\"\n"
    // Neither commands nor names may be broken by hyphens, nor stretched to the right margin.
    text += ".nh\n.ad l\n"
  }

  /// A line with a macro and its arguments.
  mutating func macro(_ name: String, _ arguments: String...) {
    text += "." + ([name] + arguments.map { "\"\(Self.escaped($0))\"" }).joined(separator: " ") + "\n"
    isAfterHeading = name == "SH" || name == "SS"
  }

  /// A line with a macro and one argument that may have styles.
  mutating func macro(_ name: String, _ words: [StyledWord]) {
    text += ".\(name)\n" + words.map(Self.shown).joined(separator: " ") + "\n"
    isAfterHeading = false
  }

  /// Words of a paragraph, an entry or an item, in lines of the source.
  mutating func words(_ words: [StyledWord]) {
    var line = ""
    for word in words {
      let shown = Self.shown(word)
      if line.isEmpty {
        line = shown
      } else if line.utf8.count + 1 + shown.utf8.count > Self.sourceWidth {
        text += line + "\n"
        line = shown
      } else {
        line += " " + shown
      }
    }
    if !line.isEmpty { text += line + "\n" }
    isAfterHeading = false
  }

  /// Words without styles.
  mutating func words(_ text: String) { words(StyledWord.words([.text(text, .plain)])) }

  /// A paragraph.
  mutating func paragraph(_ words: [StyledWord]) {
    if !isAfterHeading { macro("PP") }
    self.words(words)
  }

  package mutating func paragraph(_ text: String) { paragraph(StyledWord.words([.text(text, .plain)])) }

  /// The beginning of an item of a list.
  mutating func bullet() { text += ".IP \\(bu 2n\n" }

  /// Lines that are shown as they are.
  mutating func verbatim(_ lines: [String]) {
    if !isAfterHeading { macro("PP") }
    macro("RS", "2n")
    macro("EX")
    for line in lines { text += (line.isEmpty ? "\\&" : Self.protected(Self.escaped(line))) + "\n" }
    macro("EE")
    macro("RE")
  }

  /// An entry of a list: its head in bold, and what it is.
  mutating func entry(_ head: String, _ text: String) {
    macro("TP", [StyledWord([.init(text: head, style: .code)])])
    words(text)
  }

  private static func shown(_ word: StyledWord) -> String {
    protected(
      word.pieces.map { piece in
        switch piece.style {
        case .plain: escaped(piece.text, isRunning: true)
        // \% keeps groff from hyphenating a name; .nh alone ends at the next heading.
        case .code, .strong: "\\fB\\%\(escaped(piece.text))\\fR"
        case .emphasis: "\\fI\(escaped(piece.text))\\fR"
        }
      }.joined())
  }

  /// A dot or an apostrophe at the beginning of a line would make it a macro.
  private static func protected(_ line: String) -> String {
    line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
  }

  /// Characters that mean something to roff, or that it would replace by typographic ones, in a form that stands for
  /// themselves: commands must come out as they are to be typed. Within running text a hyphen is a hyphen, unless a word
  /// begins with it.
  static func escaped(_ text: String, isRunning: Bool = false) -> String {
    let hyphen = isRunning && !text.hasPrefix("-") ? "-" : "\\-"
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\(rs"
      case "-": result += hyphen
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "\"": result += "\\(dq"
      case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\[u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
      }
    }
    return result
  }
}
