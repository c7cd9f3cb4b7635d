// The most likely residues at masked positions.

import Glibc

extension ESM {
  /// What the model expects at one masked position.
  public struct Filling: Sendable, Equatable {
    /// The residue, from 0, not counting `<cls>`.
    public let position: Int
    /// Residues with their probabilities among all tokens, the most likely first.
    public let residues: [(token: String, probability: Float)]

    /// Same position, residues and probabilities.
    public static func == (one: Filling, other: Filling) -> Bool {
      one.position == other.position && one.residues.elementsEqual(other.residues, by: ==)
    }
  }

  /// The most likely residues at every `<mask>` of a reading that has logits.
  ///
  /// - Parameters:
  ///   - reading: A result of `read`, with logits.
  ///   - top: How many residues to list.
  /// - Returns: One filling for each `<mask>`, in their order; none without logits.
  public func fill(_ reading: Reading, top: Int) -> [Filling] {
    guard let logits = reading.logits else { return [] }
    // Residues are the tokens of one letter; `.` and `-` stand for none.
    let residues = tokenizer.tokens.indices.filter { id in
      let token = tokenizer.tokens[id]
      return token.count == 1 && token.allSatisfy(\.isLetter)
    }
    return reading.tokens.indices.filter { reading.tokens[$0] == tokenizer.mask }.map { row in
      let values = Self.logSoftmax(logits.row(row))
      // Ties go to the first of the vocabulary.
      let best = residues.sorted { (-values[$0], $0) < (-values[$1], $1) }.prefix(top)
      return Filling(
        position: row - reading.residueRows.lowerBound,
        residues: best.map { (tokenizer.tokens[$0], expf(values[$0])) })
    }
  }
}
