// What can be asked of one fold.

/// One protein to fold, and all choices of the run.
public struct FoldRequest: Sendable {
  /// One-letter codes, upper or lower case; letters outside the twenty amino acids fold as X, which has no atoms.
  public var sequence: String
  /// Extra passes through the trunk after the first, so that 0 is one pass; `nil` for the model's own number (3 for
  /// esmfold_v1, which makes 4 passes).
  public var recycles: Int?

  /// Asks for a structure of `sequence`.
  public init(sequence: String, recycles: Int? = nil) {
    self.sequence = sequence
    self.recycles = recycles
  }

  /// More recycles than anybody has found useful.
  public static let maximumRecycles = 1000
}
