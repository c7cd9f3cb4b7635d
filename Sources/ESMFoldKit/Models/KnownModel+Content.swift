// What the files of a published model can be: how large at most, and whether one that has been downloaded is of the right
// kind. Both hold where neither size nor digest is known.

import Weights

extension KnownModel {
  /// Far more than any configuration, and than any index of shards.
  private static let largestConfiguration = 1 << 20, largestIndex = 64 << 20
  /// Weights of models whose size is not known; the largest of those has 3 GB.
  private static let largestWeights = 16_000_000_000

  /// The most bytes that a file of this model can have. A server that sends more, without saying how much, sends something
  /// else.
  package func largestBytes(of file: File) -> Int {
    if let bytes = file.bytes { return bytes }
    if file == configuration { return Self.largestConfiguration }
    if file == weights, isSharded { return Self.largestIndex }
    // The sizes are rounded, and those of shards are parts of it.
    return approximateBytes.map { $0 + $0 / 4 } ?? Self.largestWeights
  }

  /// What the file at `path` holds in place of this file of the model; `nil` where it is of the right kind.
  package func mismatch(of file: File, at path: String) -> (found: String, expected: String)? {
    if file == configuration {
      return FileContent.mismatch(ofJSON: path, with: "model_type", limit: Self.largestConfiguration)
    }
    if file == weights, isSharded {
      return FileContent.mismatch(ofJSON: path, with: "weight_map", limit: Self.largestIndex)
    }
    return FileContent.mismatch(ofWeights: path)
  }
}
