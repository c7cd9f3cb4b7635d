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
  package let length: Int?
  package let recycles: Int?
  package let precision: String
  package let model: String
  package let outcome: Outcome

  package init(name: String, length: Int?, recycles: Int?, precision: String, model: String, _ outcome: Outcome) {
    self.name = name
    self.length = length
    self.recycles = recycles
    self.precision = precision
    self.model = model
    self.outcome = outcome
  }

  package static let header = "name\tlength\tmean_plddt\tptm\tseconds\trecycles\tprecision\tmodel\tstatus\tmessage\n"

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
      + [recycles.map { "\($0)" } ?? none, precision, model, status, message]
    return TableText.line(fields)
  }
}
