// Tables of variants: CSV (RFC 4180) or TSV with a line of column names.

/// The rows of a table and which column has the variants.
package struct VariantTable: Sendable {
  package struct Row: Sendable {
    package let line: Int
    package let fields: [String]
  }

  package let columns: [String]
  package let rows: [Row]
  /// The index of the column with the variants.
  package let column: Int

  /// Columns that are used when none is named: the first that exists.
  static let names = ["mutant", "variant", "mutation", "hgvs_pro", "hgvsp"]

  /// Parses a table.
  ///
  /// - Parameters:
  ///   - bytes: the text; columns are separated by tabs if the first line has one, else by commas.
  ///   - path: for messages.
  ///   - name: the name of the column with the variants; nil for a usual one.
  /// - Throws: `VariantTableError`.
  package init(_ bytes: [UInt8], path: String, column name: String?) throws(VariantTableError) {
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    let separator =
      text.prefix { $0 != UInt8(ascii: "\n") }.contains(UInt8(ascii: "\t"))
      ? UInt8(ascii: "\t") : UInt8(ascii: ",")
    var rows = Self.rows(text, separator)
    guard !rows.isEmpty else { throw .noColumns(path: path) }
    let columns = rows.removeFirst().fields
    self.columns = columns
    if let name {
      guard let index = columns.firstIndex(of: name) else { throw .noColumn(path: path, name: name, columns: columns) }
      column = index
    } else {
      let known = Self.names.compactMap { name in columns.firstIndex { $0.lowercased() == name } }
      guard let index = known.first else { throw .noColumn(path: path, name: nil, columns: columns) }
      column = index
    }
    for row in rows where row.fields.count != columns.count {
      throw .fields(path: path, line: row.line, found: row.fields.count, expected: columns.count)
    }
    self.rows = rows
  }

  /// Fields in quotes may hold separators, line ends and, doubled, quotes.
  private static func rows(_ text: ArraySlice<UInt8>, _ separator: UInt8) -> [Row] {
    var rows: [Row] = [], fields: [String] = [], field: [UInt8] = []
    var isQuoted = false, line = 1, first = 1
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
      case UInt8(ascii: "\"") where isQuoted || field.isEmpty: isQuoted.toggle()
      case separator where !isQuoted: endField()
      case UInt8(ascii: "\n") where !isQuoted:
        endRow()
        first = line
      default: field.append(byte)
      }
    }
    if !field.isEmpty || !fields.isEmpty { endRow() }
    return rows
  }
}
