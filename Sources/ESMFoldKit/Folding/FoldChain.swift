// A chain of a result.

/// A chain of a predicted structure.
public struct FoldChain: Sendable, Equatable {
  /// Its name: A–Z, a–z, 0–9, then two letters.
  public let id: String
  /// Which of the result's residues it has.
  public let residues: Range<Int>
  /// Their numbers in files.
  public let numbers: [Int]
}
