// Tables of variants: CSV (RFC 4180) or TSV with a line of column names.

/// The rows of a table and which column has the variants.
package struct VariantTable: Sendable {
  package let columns: [String]
  package let rows: [DelimitedText.Row]
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
    var rows = DelimitedText.rows(text, separator).rows
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
}
