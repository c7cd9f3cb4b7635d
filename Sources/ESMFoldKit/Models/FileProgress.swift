// How far a large file of weights is.

import Checkpoints

/// How far the writing of a file of weights is.
public struct FileProgress: Sendable, Equatable {
  /// Bytes of tensors that are done.
  public let bytesDone: Int
  /// Bytes of all tensors.
  public let bytesTotal: Int
  /// The unfinished file. A program that is ended by a signal in the meantime should remove it.
  public let unfinishedPath: String

  init(_ progress: CopyProgress) {
    bytesDone = progress.bytesDone
    bytesTotal = progress.bytesTotal
    unfinishedPath = progress.temporaryPath
  }

  /// The share that is done, 0–1.
  public var fraction: Double { Double(bytesDone) / Double(max(1, bytesTotal)) }
}
