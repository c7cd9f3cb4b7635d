// The progress of a fold.

/// The progress of a fold.
public struct FoldProgress: Sendable, Equatable {
  /// The running pass, from 1, and how many there are.
  public let pass: Int, passes: Int
  /// Blocks of this pass that are done, and how many a pass has.
  public let block: Int, blocks: Int
}
