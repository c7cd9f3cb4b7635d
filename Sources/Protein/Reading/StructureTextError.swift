// What is wrong with a structure that is read back.

/// Why the residues of a file cannot be listed. Lines count from 1.
package enum StructureTextError: Error, Hashable, Sendable {
  /// A field of a line is none.
  case field(line: Int, what: String, found: String, expected: String)
  /// A table ends within a row.
  case row(line: Int, category: String)
  /// There are no residues with an alpha carbon.
  case noResidues
}

extension StructureTextError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .field(let line, let what, let found, let expected):
      "line \(line): \(what): found \"\(found)\", expected \(expected)"
    case .row(let line, let category):
      "line \(line): \(category): found the end of the table within a row, expected a value for each column"
    case .noResidues: "residues: found none, expected at least one with an alpha carbon"
    }
  }
}
