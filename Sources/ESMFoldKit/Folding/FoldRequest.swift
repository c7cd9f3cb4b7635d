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

/// Where a fold is.
public struct FoldProgress: Sendable, Equatable {
  /// The running pass, from 1, and how many there are.
  public let pass: Int, passes: Int
  /// Blocks of this pass that are done, and how many a pass has.
  public let block: Int, blocks: Int
}

/// How long a part of a fold took.
public struct StageTiming: Sendable, Equatable {
  /// A part of the network.
  public enum Stage: String, Sendable, CustomStringConvertible {
    /// The language model.
    case stem
    /// Recycling and the blocks of one pass.
    case trunk
    /// The structure module of one pass.
    case structure
    /// Confidence and whatever else is made of the result.
    case heads

    /// The stage's name.
    public var description: String { rawValue }
  }

  /// Which part.
  public let stage: Stage
  /// The pass, from 0; 0 for stages that run once.
  public let pass: Int
  /// Wall-clock seconds.
  public let seconds: Double
}
