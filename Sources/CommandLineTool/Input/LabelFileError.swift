// Why a file of labels cannot be used.

import Platform

/// Why a file of labels, or one of its lines, cannot be used.
package enum LabelFileError: Error, Sendable {
  case notText(path: String, found: String)
  case noLabels(path: String)
  case openQuote(path: String, line: Int)
  case fields(path: String, line: Int, found: Int, expected: String)
  case noName(path: String, line: Int)
  case noColumn(path: String, columns: [String])
  /// What stands for a record is not a label; `position` is the residue, from 1.
  case label(path: String, line: Int, name: String, found: String, expected: String)
  case second(path: String, line: Int, name: String, first: Int)
  /// The number of labels of a record's residues.
  case count(path: String, line: Int, name: String, found: Int, expected: Int)
  case noRecord(path: String, name: String, record: String)
}

extension LabelFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notText(let path, let found):
      "\(path): labels: found \(found), expected text in UTF-8"
        + "\nhint: a spreadsheet saves its table as CSV in UTF-8; iconv -f UTF-16 -t UTF-8 FILE converts text"
    case .noLabels(let path):
      "\(path): labels: found none, expected lines with a name and a label"
    case .openQuote(let path, let line):
      "\(path):\(line): fields: found a quotation mark that is not closed, expected a second one"
    case .fields(let path, let line, let found, let expected):
      "\(path):\(line): fields: found \(found), expected \(expected)"
    case .noName(let path, let line):
      "\(path):\(line): name: found nothing, expected the name of a record"
    case .noColumn(let path, let columns):
      "\(path): columns: found \(columns.map(quoted).joined(separator: ", ")), expected a column \"label\""
        + "\nhint: call the column with the labels label, or leave the others out"
    case .label(let path, let line, let name, let found, let expected):
      "\(path):\(line): label of \(quoted(name)): found \(found), expected \(expected)"
    case .second(let path, let line, let name, let first):
      "\(path):\(line): label of \(quoted(name)): found a second one, expected one: line \(first) has another"
        + "\nhint: records that share a name are NAME, NAME_2, and so on"
    case .count(let path, let line, let name, let found, let expected):
      "\(path):\(line): labels of \(quoted(name)): found \(found), expected \(expected), one for each residue"
    case .noRecord(let path, let name, let record):
      "\(path): names: found \(quoted(name)) and no name of a record, expected names such as \(quoted(record))"
        + "\nhint: a label belongs to the record whose header begins with its name"
    }
  }
}
