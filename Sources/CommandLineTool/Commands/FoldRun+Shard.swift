// The part of the input that one shard folds.

extension FoldRun {
  /// Reports what is wrong with a shard's records, and what belongs to none.
  ///
  /// - Parameters:
  ///   - reader: The whole input; without a shard its errors and warnings have been reported.
  ///   - share: The shard's records; nil without a shard.
  ///   - diagnostics: Takes errors and warnings.
  /// - Returns: The records and files that count as this run's failures. Bad records are the first shard's, bad files those of
  ///   all: with another input than the others a shard would fold others' records, or leave its own.
  static func own(_ reader: RecordReader, _ share: Share?, _ diagnostics: Diagnostics) -> [BadInput] {
    guard let share else { return reader.failures }
    for warning in reader.warnings where share.has(warning.job) { diagnostics.warning(warning.message) }
    let own = reader.failures.filter { $0.name == nil || share.shard.isFirst }
    for input in own { diagnostics.error(input.message) }
    return own
  }
}
