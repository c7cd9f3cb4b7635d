// The part of the input that one shard folds.

import ESMFoldKit
import Platform
import Protein

extension FoldRun {
  /// Reads the input.
  ///
  /// A shard reads files twice, so that it need not keep the records of others: for the lengths of all, then for its own.
  ///
  /// - Parameters:
  ///   - inputs: The files.
  ///   - options: The choices of the run.
  ///   - diagnostics: Takes errors and warnings at once where there are no shards.
  /// - Returns: The records, the shard's part of them, and whether only these were kept.
  static func read(
    _ inputs: [String], _ options: FoldOptions, _ diagnostics: Diagnostics
  ) -> (reader: RecordReader, share: Share?, isOwnOnly: Bool) {
    func read(_ reader: inout RecordReader, _ diagnostics: Diagnostics?) {
      for input in inputs { reader.read(input, diagnostics) }
    }
    var reader = RecordReader(options.input)
    guard let shard = options.cluster.shard else {
      read(&reader, diagnostics)
      return (reader, nil, false)
    }
    if let lengths = lengths(inputs, options) {
      let share = Share(shard, lengths: lengths, cost: .folding)
      reader = RecordReader(options.input, keeping: share.has)
      read(&reader, nil)
      return (reader, share, true)
    }
    read(&reader, nil)
    let lengths = reader.jobs.map { options.complex.length($0.record) }
    return (reader, Share(shard, lengths: lengths, cost: .folding), false)
  }

  /// The lengths of all records; nil where other shards' records are needed for more, or cannot be read twice.
  private static func lengths(_ inputs: [String], _ options: FoldOptions) -> [Int]? {
    guard options.complex.residueIndex == nil, inputs.allSatisfy(InputFile.isFile) else { return nil }
    var source = RecordSource(options.input, .residues), lengths: [Int] = [], mayMeet = false
    for input in inputs where !mayMeet {
      // The second reading tells of errors.
      _ = try? source.readFolds(input) { item in
        if case .success(let record) = item.content {
          lengths.append(options.complex.length(record))
          // A record that is called as another's sample.
          mayMeet = item.name.map(ResultMark.isIn) ?? false
        }
        return !mayMeet
      }
    }
    return mayMeet ? nil : lengths
  }

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
    for warning in reader.warnings where share.has(warning.record) { diagnostics.warning(warning.message) }
    let own = reader.failures.filter { $0.name == nil || share.shard.isFirst }
    for input in own { diagnostics.error(input.message) }
    return own
  }
}
