// Why variants cannot be scored.

/// Why scores cannot be made.
enum ScoreError: Error, CustomStringConvertible {
  /// Variants are those of one sequence.
  case severalSequences

  var description: String {
    "variants: found a second sequence, expected one\nhint: give the sequence that the variants belong to alone"
  }
}
