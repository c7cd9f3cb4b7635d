// Several sequences side by side, without padding.

/// Sequences that pass through the layers together, so that the weights are read once for all of them.
///
/// Their rows are concatenated in every tensor; only attention, positions and token dropout see the boundaries. Each
/// sequence's results are bit-identical to those of a run on its own.
package struct TokenBatch: Sendable {
  /// What is read of each sequence.
  package let inputs: [SequenceInput]
  /// The rows of each sequence.
  package let rows: [Range<Int>]

  /// Sequences of token ids, framing tokens included.
  package init(_ sequences: [[Int]]) { self.init(inputs: sequences.map { SequenceInput(.tokens($0)) }) }

  package init(inputs: [SequenceInput]) {
    var rows: [Range<Int>] = [], start = 0
    for input in inputs {
      rows.append(start..<start + input.count)
      start += input.count
    }
    self.inputs = inputs
    self.rows = rows
  }

  /// Rows of all sequences.
  package var count: Int { rows.last?.upperBound ?? 0 }

  /// Tokens of the longest sequence.
  package var longest: Int { rows.map(\.count).max() ?? 0 }

  /// What attends to what.
  var attended: [SequenceRows] { zip(rows, inputs).map { SequenceRows($0, keys: $1.keys) } }

  /// The position of every row in its sequence, for rotary tables.
  var rotaryPositions: [Int] { inputs.flatMap { $0.positions ?? Array(0..<$0.count) } }
}
