// Several sequences side by side, without padding.

/// Token sequences that pass through the layers together, so that the weights are read once for all of them.
///
/// Their rows are concatenated in every tensor; only attention, positions and token dropout see the boundaries. Each
/// sequence's results are bit-identical to those of a run on its own.
package struct TokenBatch: Sendable {
  /// Token ids, framing tokens included.
  package let sequences: [[Int]]
  /// The rows of each sequence.
  package let rows: [Range<Int>]

  package init(_ sequences: [[Int]]) {
    var rows: [Range<Int>] = [], start = 0
    for sequence in sequences {
      rows.append(start..<start + sequence.count)
      start += sequence.count
    }
    self.sequences = sequences
    self.rows = rows
  }

  /// Rows of all sequences.
  package var count: Int { rows.last?.upperBound ?? 0 }

  /// Tokens of the longest sequence.
  package var longest: Int { rows.map(\.count).max() ?? 0 }
}
