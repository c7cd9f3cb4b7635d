// Lines of fields: CSV (RFC 4180), TSV and the like.

/// The rows of a table with one separator.
package enum DelimitedText {
  package struct Row: Sendable {
    /// The number of its first line, from 1.
    package let line: Int
    package let fields: [String]
  }

  /// The rows of a text; empty lines are left out.
  ///
  /// Fields in quotes may hold separators, line ends and, doubled, quotes.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - separator: what separates fields.
  /// - Returns: the rows, and the line of a quotation mark that is not closed, if there is one.
  package static func rows(_ text: ArraySlice<UInt8>, _ separator: UInt8) -> (rows: [Row], openQuote: Int?) {
    var rows: [Row] = [], fields: [String] = [], field: [UInt8] = []
    var isQuoted = false, line = 1, first = 1, quote = 1
    func endField() {
      fields.append(String(decoding: field, as: UTF8.self))
      field = []
    }
    func endRow() {
      if field.last == UInt8(ascii: "\r") { field.removeLast() }
      endField()
      if fields != [""] { rows.append(Row(line: first, fields: fields)) }
      fields = []
    }
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      index += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      switch byte {
      case UInt8(ascii: "\"") where isQuoted && index < text.endIndex && text[index] == byte:
        field.append(byte)
        index += 1
      case UInt8(ascii: "\"") where isQuoted || field.isEmpty:
        isQuoted.toggle()
        quote = line
      case separator where !isQuoted: endField()
      case UInt8(ascii: "\n") where !isQuoted:
        endRow()
        first = line
      default: field.append(byte)
      }
    }
    if !field.isEmpty || !fields.isEmpty { endRow() }
    return (rows, isQuoted ? quote : nil)
  }
}

extension StringProtocol {
  /// Without blanks at either end.
  var trimmedOfBlanks: String {
    let body = drop(while: \.isWhitespace)
    let end = body.lastIndex { !$0.isWhitespace }.map { body.index(after: $0) } ?? body.startIndex
    return String(body[..<end])
  }
}
