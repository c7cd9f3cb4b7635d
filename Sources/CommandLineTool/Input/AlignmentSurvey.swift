// Whether the records of a file are those of an A3M, told by their letters.

import Protein

/// Takes the records of a file one after the other.
///
/// They are those of an A3M if capitals and `-` are as many in each as the first has residues, and there are both gaps and
/// insertions (small letters).
struct AlignmentSurvey {
  /// The columns of the query; nil before the first record.
  private var columns: Int?
  private var hasGaps = false, hasInsertions = false
  /// Whether a record has shown that this is no A3M.
  private(set) var isOther = false

  /// Takes the next record.
  mutating func note(_ item: RecordSource.Item) {
    guard case .success(let record) = item.content else {
      // The first one is the query.
      if columns == nil { isOther = true }
      return
    }
    if let columns {
      if record.columns != columns { isOther = true }
    } else {
      columns = record.columns
      if record.insertions > 0 || !record.gaps.isEmpty { isOther = true }
    }
    if record.insertions > 0 { hasInsertions = true }
    if !record.gaps.isEmpty { hasGaps = true }
  }

  /// Whether the records so far are those of an A3M.
  var isA3M: Bool { !isOther && hasGaps && hasInsertions }
}
