// An import that is about to begin because downloaded weights are to be used.

import Checkpoints
import Weights

/// An import that is about to begin, and why.
public struct PendingImport: Sendable, Equatable {
  /// Why downloaded weights are imported.
  public enum Reason: Sendable, Equatable {
    /// They are not in the cache yet.
    case absent
    /// Their files have changed since the last import.
    case changed
    /// The file in the cache cannot be used.
    case unusable(ModelError)
  }

  /// The folder or file of downloaded weights.
  public let source: String
  /// The folder of imported models.
  public let cacheFolder: String
  /// Why it is imported.
  public let reason: Reason

  init(_ source: ModelSource, cacheFolder: String, _ reason: CacheFolder.ImportReason) {
    self.source = source.path
    self.cacheFolder = cacheFolder
    self.reason =
      switch reason {
      case .absent: .absent
      case .changed: .changed
      case .unusable(let error): .unusable(.weights(error))
      }
  }
}
