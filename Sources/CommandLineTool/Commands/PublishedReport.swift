// What `esmfold weights verify --published` prints.

import ESMFoldKit
import Platform

enum PublishedReport {
  /// Prints a line for each result, and reports an error when any is off.
  static func report(
    _ comparison: WeightsCatalog.PublishedComparison, of name: String, _ diagnostics: Diagnostics
  ) {
    let header = ["published for \(comparison.model)", "expected", "within", "found", "verdict"]
    diagnostics.result(aligned([header] + comparison.rows.map(cells)))
    for row in comparison.rows { diagnostics.detail("\(row.what): published by \(row.source)") }
    if comparison.isPublishedFile == true {
      diagnostics.note("the weights were imported from the file that was published, by its digest")
    }
    let off = comparison.rows.count { !$0.isAccepted }
    guard off > 0 else { return }
    let hint =
      comparison.isPublishedFile == true
      ? "the weights are the published ones, so this program or this computer is in doubt"
      : "other weights than the published ones give other numbers, also if they were converted to another number format"
    diagnostics.error(
      "\(name): published values of \(comparison.model): found \(off) of \(comparison.rows.count) off, expected all "
        + "within their tolerances\nhint: \(hint)")
  }

  private static func cells(_ row: WeightsCatalog.PublishedComparison.Row) -> [String] {
    // As many digits as the tolerance leaves meaning.
    let decimals = row.absolute < 0.1 ? 4 : 2
    return [
      row.what, row.expected.map { "\($0)" }.joined(separator: " "),
      "\(row.absolute)" + (row.relative > 0 ? " + \(row.relative) |x|" : ""),
      row.found?.map { $0.isFinite ? fixed($0, decimals) : "\($0)" }.joined(separator: " ") ?? "no such head",
      row.isAccepted ? "as published" : "off",
    ]
  }
}
