// How long the parts of a fold took.

/// How long a part of a fold took.
public struct StageTiming: Sendable, Equatable {
  /// A part of the network.
  public enum Stage: String, Sendable, CustomStringConvertible {
    /// The language model.
    case languageModel = "language-model"
    /// Recycling and the blocks of one pass.
    case trunk
    /// The structure module of one pass.
    case structure
    /// Confidence and everything else computed from the result.
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
