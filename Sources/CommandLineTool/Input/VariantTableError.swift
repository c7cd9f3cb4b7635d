// Why a table of variants cannot be used.

/// Why a table of variants cannot be used.
package enum VariantTableError: Error, Sendable {
  case noColumns(path: String)
  case noColumn(path: String, name: String?, columns: [String])
  case fields(path: String, line: Int, found: Int, expected: Int)
}

extension VariantTableError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noColumns(let path):
      "\(path): columns: found none, expected a line of column names"
    case .noColumn(let path, let name, let columns):
      "\(path): columns: found \(columns.joined(separator: ", ")), expected "
        + (name ?? VariantTable.names.joined(separator: " or ")) + "\nhint: --column names the column with the variants"
    case .fields(let path, let line, let found, let expected):
      "\(path):\(line): fields: found \(found), expected \(expected) as in the first line"
    }
  }
}
