// A line of summary.tsv.

import Platform

/// One line of the summary; nil is written as `NA`.
package struct SummaryRow: Sendable {
  /// What became of the protein.
  package enum Outcome: Sendable {
    /// `meanPLDDT` is 0 to 100.
    case folded(meanPLDDT: Double, ptm: Double, seconds: Double)
    case failed(String)
  }

  package let name: String
  /// The whole header of the record; nil where it is not known.
  package let header: String?
  package let length: Int?
  package let recycles: Int?
  package let precision: String
  package let model: String
  package let outcome: Outcome

  package init(
    name: String, header: String?, length: Int?, recycles: Int?, precision: String, model: String, _ outcome: Outcome
  ) {
    self.name = name
    self.header = header
    self.length = length
    self.recycles = recycles
    self.precision = precision
    self.model = model
    self.outcome = outcome
  }

  /// The names of the columns. New ones come last: a table of an earlier version has the first ones.
  package static let columns = [
    "name", "length", "mean_plddt", "ptm", "seconds", "recycles", "precision", "model", "status", "message", "header",
  ]

  /// How many of them the first version had.
  static let oldestColumnCount = 10

  /// The first line of the table.
  package static var head: String { TableText.line(columns) }

  /// The row with its line end.
  package var line: String {
    let none = "NA"
    let measured: [String], status: String, message: String
    switch outcome {
    case .folded(let meanPLDDT, let ptm, let seconds):
      measured = [fixed(meanPLDDT, 2), fixed(ptm, 4), fixed(seconds, 3)]
      (status, message) = ("ok", "")
    case .failed(let reason):
      measured = [none, none, none]
      (status, message) = ("failed", reason)
    }
    let fields =
      [name, length.map { "\($0)" } ?? none] + measured
      + [recycles.map { "\($0)" } ?? none, precision, model, status, message, header ?? none]
    return TableText.line(fields)
  }
}
