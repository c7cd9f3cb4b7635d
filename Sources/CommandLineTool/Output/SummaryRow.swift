// A line of summary.tsv.

import Glibc
import Platform

/// One line of the summary; nil is written as `NA`.
package struct SummaryRow: Sendable {
  package let name: String
  package let length: Int?
  /// 0 to 100.
  package let meanPLDDT: Double?
  package let ptm: Double?
  package let seconds: Double?
  package let recycles: Int?
  package let precision: String
  package let model: String
  /// `ok` or `failed`.
  package let status: String
  package let message: String

  package init(
    name: String, length: Int? = nil, meanPLDDT: Double? = nil, ptm: Double? = nil, seconds: Double? = nil,
    recycles: Int? = nil, precision: String, model: String, status: String, message: String = ""
  ) {
    self.name = name
    self.length = length
    self.meanPLDDT = meanPLDDT
    self.ptm = ptm
    self.seconds = seconds
    self.recycles = recycles
    self.precision = precision
    self.model = model
    self.status = status
    self.message = message
  }

  package static let header = "name\tlength\tmean_plddt\tptm\tseconds\trecycles\tprecision\tmodel\tstatus\tmessage\n"

  /// The row with its line end; tabs, line ends and backslashes inside fields are written as `\t`, `\n`, `\r`, `\\`.
  package var line: String {
    let none = "NA"
    let numbers: [String] = [
      length.map { "\($0)" } ?? none,
      meanPLDDT.map { fixed($0, 2) } ?? none,
      ptm.map { fixed($0, 4) } ?? none,
      seconds.map { fixed($0, 3) } ?? none,
      recycles.map { "\($0)" } ?? none,
    ]
    let fields =
      [TableText.escaped(name)] + numbers + [precision, TableText.escaped(model), status, TableText.escaped(message)]
    return fields.joined(separator: "\t") + "\n"
  }
}
