// Unfinished files of imports and exports, whose progress names them.

package import Platform

extension UnfinishedFile {
  /// Creates an unfinished file for `target`; `announcing` is told its path just before. Throws `WeightError.system`.
  package static func create(
    for target: String, announcing: (String) -> Void = { _ in }
  ) throws(WeightError) -> UnfinishedFile {
    try WeightError.wrapping(try UnfinishedFile(for: target, announcing: announcing))
  }
}
