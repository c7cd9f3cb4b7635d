// The outputs of the reference that were asked for.

/// Outputs of a fold as the reference gives them, but for `plddt`, which is on the scale 0–100.
public struct FoldFields: Sendable {
  private let arrays: [FoldField: FoldArray]
  /// Iterations of the structure module.
  public let iterations: Int

  init(_ arrays: [FoldField: FoldArray], iterations: Int) {
    self.arrays = arrays
    self.iterations = iterations
  }

  /// The fields that are there.
  public var fields: Set<FoldField> { Set(arrays.keys) }

  /// The values of a field; `nil` if it was not asked for.
  public subscript(_ field: FoldField) -> FoldArray? { arrays[field] }
}
