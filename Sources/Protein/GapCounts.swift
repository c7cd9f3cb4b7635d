// The gaps of a record.

/// How many gaps of either sign a record has.
package struct GapCounts: Hashable, Sendable {
  /// `-`, and `.`, which A3M and Stockholm write beside the insertions of others.
  package var dashes = 0, dots = 0

  package init(dashes: Int = 0, dots: Int = 0) {
    self.dashes = dashes
    self.dots = dots
  }

  package var total: Int { dashes + dots }
  package var isEmpty: Bool { total == 0 }

  static func + (one: GapCounts, other: GapCounts) -> GapCounts {
    GapCounts(dashes: one.dashes + other.dashes, dots: one.dots + other.dots)
  }

  /// "12 gaps (10 '-', 2 '.')"
  package var words: String {
    let parts = (dashes > 0 ? ["\(dashes) '-'"] : []) + (dots > 0 ? ["\(dots) '.'"] : [])
    return "\(total) \(total == 1 ? "gap" : "gaps") (\(parts.joined(separator: ", ")))"
  }
}
