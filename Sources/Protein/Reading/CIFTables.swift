// Rows of chosen tables of a CIF file, read line by line; what lies between them is passed over.

/// Reads tables whose rows have a line each, as programs write them.
enum CIFTables {
  /// A row of a table.
  struct Row {
    let category: String
    /// The line of the file, from 1.
    let line: Int
    fileprivate let columns: [String]
    fileprivate let values: [String]

    /// A value by the name of its column.
    func text(_ column: String) throws(StructureTextError) -> String {
      guard let place = columns.firstIndex(of: column) else {
        throw .field(line: line, what: category, found: columns.joined(separator: " "), expected: "a column \(column)")
      }
      return values[place]
    }

    /// A whole number.
    func number(_ column: String) throws(StructureTextError) -> Int {
      let text = try text(column)
      guard let number = Int(text) else {
        throw .field(line: line, what: column, found: text, expected: "a whole number")
      }
      return number
    }
  }

  /// Passes each row of the tables on.
  ///
  /// - Parameters:
  ///   - bytes: A whole file.
  ///   - categories: The tables.
  ///   - take: Takes a row.
  /// - Throws: `StructureTextError` when a row has not as many values as there are columns; what `take` throws.
  static func read(
    _ bytes: UnsafeRawBufferPointer, _ categories: [String], _ take: (Row) throws(StructureTextError) -> Void
  ) throws(StructureTextError) {
    let starts = categories.map { Array("_\($0).".utf8) }
    var columns: [String] = [], category: String?, isText = false, line = 0, start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: .lineFeed) ?? bytes.count
      let text = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      line += 1
      start = end + 1
      // A text of several lines stands between semicolons; none of these tables has one.
      if text.first == UInt8(ascii: ";") {
        isText.toggle()
        if let category { throw .row(line: line, category: category) }
      } else if isText {
        continue
      } else if text.first == UInt8(ascii: "_") {
        let wanted = starts.firstIndex { text.starts(with: $0) }
        if category != wanted.map({ categories[$0] }) {
          category = wanted.map { categories[$0] }
          columns = []
        }
        guard let wanted else { continue }
        columns.append(String(decoding: text.dropFirst(starts[wanted].count), as: UTF8.self).trimmed)
      } else if let name = category {
        if text.first == UInt8(ascii: "#") || text.starts(with: loop) {
          category = nil
          columns = []
          continue
        }
        let values = words(text)
        guard values.count == columns.count else { throw .row(line: line, category: name) }
        try take(Row(category: name, line: line, columns: columns, values: values))
      }
    }
  }

  private static let loop = Array("loop_".utf8)

  /// The values of a line.
  private static func words(_ line: UnsafeRawBufferPointer) -> [String] {
    var words: [String] = [], rest = line[...]
    while true {
      rest = rest.drop { $0 == .space }
      guard let first = rest.first else { return words }
      let isQuoted = first == UInt8(ascii: "'") || first == UInt8(ascii: "\"")
      let content = isQuoted ? rest.dropFirst() : rest
      let word = content.prefix { $0 != (isQuoted ? first : .space) }
      words.append(String(decoding: word, as: UTF8.self))
      rest = content[word.endIndex...].dropFirst(isQuoted ? 1 : 0)
    }
  }
}

extension String {
  fileprivate var trimmed: String { String(prefix { $0 != " " && $0 != "\r" }) }
}
