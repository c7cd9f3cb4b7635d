// Values of CIF files (CIF 1.1): which text needs quotation marks, and which of them.

/// A value of a CIF file.
package enum CIFValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  case text(String)
  case integer(Int)
  /// Text on lines of its own, each in printable ASCII and not beginning with a semicolon.
  case lines([String])
  /// Not known, `?`.
  case unknown
  /// Not applicable, `.`.
  case notApplicable

  package init(stringLiteral text: String) { self = .text(text) }

  package init(integerLiteral number: Int) { self = .integer(number) }

  /// Longer lines than 2,048 characters are not CIF.
  private static let longestLine = 2000

  /// The value as it stands in the file. A text field begins and ends with a line end.
  package var bytes: [UInt8] {
    switch self {
    case .text(let text): Self.quoted(Self.plain(text))
    case .integer(let number): Array("\(number)".utf8)
    case .lines(let lines): Array("\n;\(lines.joined(separator: "\n"))\n;\n".utf8)
    case .unknown: [UInt8(ascii: "?")]
    case .notApplicable: [UInt8(ascii: ".")]
    }
  }

  /// Text in printable ASCII, as CIF 1.1 requires it, with everything else as `?`, as in PDB files.
  private static func plain(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? UInt8($0.value) : UInt8(ascii: "?") }
  }

  private static func quoted(_ text: [UInt8]) -> [UInt8] {
    if text.isEmpty { return [UInt8(ascii: "?")] }
    if isBare(text) { return text }
    if text.count <= longestLine {
      for mark in [UInt8(ascii: "'"), UInt8(ascii: "\"")] where !text.contains(mark) { return [mark] + text + [mark] }
    }
    return field(text)
  }

  /// Whether the text needs no quotation marks.
  private static func isBare(_ text: [UInt8]) -> Bool {
    guard text.count <= longestLine, text != [UInt8(ascii: "?")], text != [UInt8(ascii: ".")],
      !text.contains(where: " '\"".utf8.contains), let first = text.first, !"_#$[];".utf8.contains(first)
    else { return false }
    let start = String(decoding: text.prefix(8), as: UTF8.self).lowercased()
    return !["data_", "save_", "loop_", "stop_", "global_"].contains { start.hasPrefix($0) }
  }

  /// Text between lines that begin with a semicolon, on as many lines as it needs. Without their line ends they are the
  /// text: no blank is lost or added.
  private static func field(_ text: [UInt8]) -> [UInt8] {
    var field = [.lineFeed, UInt8(ascii: ";")]
    var rest = text[...]
    while rest.count > longestLine, case let end = lineEnd(of: rest), end < rest.endIndex {
      field += rest[..<end] + [.lineFeed]
      rest = rest[end...]
    }
    return field + rest + [.lineFeed, UInt8(ascii: ";"), .lineFeed]
  }

  /// Where a line ends: before a blank, or else where the next one does not begin with a semicolon, which would end the text.
  /// A line of semicolons alone is as long as they are.
  private static func lineEnd(of text: ArraySlice<UInt8>) -> Int {
    let line = text.prefix(longestLine + 1)
    if let blank = line.lastIndex(of: .space), blank > text.startIndex { return blank }
    let semicolon = UInt8(ascii: ";")
    return line.dropFirst().lastIndex { $0 != semicolon }
      ?? text[line.endIndex...].firstIndex { $0 != semicolon } ?? text.endIndex
  }
}
