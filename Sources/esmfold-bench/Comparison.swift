// Old against new: which rows have become slower or faster relative to the peak of their machine at the time.

/// The rows common to two reports.
package struct Comparison: Sendable {
  /// The verdict that the numbers support.
  package enum Verdict: String, Sendable { case slower, faster, same }

  /// One row in both reports.
  package struct Change: Sendable {
    package let key: String
    /// New speed over old, each relative to its own peak.
    package let ratio: Double
    package let verdict: Verdict
  }

  /// Worst first.
  package let changes: [Change]
  /// Rows in only one of the reports.
  package let missing: [String], added: [String]

  /// Whether a row has become slower by more than the spread.
  package var hasRegression: Bool { changes.contains { $0.verdict == .slower } }

  package init(_ old: Report, _ new: Report) {
    let before = Dictionary(old.rows.map { ($0.key, $0) }) { first, _ in first }
    let after = Set(new.rows.map(\.key))
    changes = new.rows
      .compactMap { row in before[row.key].map { Change($0, row) } }
      .sorted { $0.ratio < $1.ratio }
    missing = old.rows.map(\.key).filter { !after.contains($0) }
    added = new.rows.map(\.key).filter { before[$0] == nil }
  }

  package var text: String {
    var text = "new/old  verdict  row\n"
    for change in changes {
      text += RowTable.right(RowTable.digits(change.ratio), 7) + "  " + RowTable.left(change.verdict.rawValue, 7)
      text += "  \(change.key)\n"
    }
    for key in missing { text += "     -   old only  \(key)\n" }
    for key in added { text += "     -   new only  \(key)\n" }
    let slower = changes.count { $0.verdict == .slower }, faster = changes.count { $0.verdict == .faster }
    return text + "\(changes.count) rows compared: \(slower) slower, \(faster) faster beyond the spread\n"
  }
}

extension Comparison.Change {
  /// A change is significant if it is larger than this and the spreads, 10th to 90th percentile, do not overlap.
  private static let smallest = 0.03

  fileprivate init(_ old: Row, _ new: Row) {
    key = new.key
    ratio = new.speed.median / old.speed.median
    if ratio < 1 - Self.smallest, new.speed.p90 < old.speed.p10 {
      verdict = .slower
    } else if ratio > 1 + Self.smallest, new.speed.p10 > old.speed.p90 {
      verdict = .faster
    } else {
      verdict = .same
    }
  }
}
