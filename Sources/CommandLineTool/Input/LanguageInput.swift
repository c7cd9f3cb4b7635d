// FASTA records for the language models, one at a time: memory does not grow with their number.

import Platform
import Protein

/// The records of several files.
struct LanguageInput {
  let paths: [String]
  let options: InputOptions
  var naming = RecordSource.Naming.files
  /// Which records are passed on; nil for all.
  var share: Share?

  /// Pass on every record as soon as it is read; bad records are reported and counted.
  ///
  /// - Parameters:
  ///   - diagnostics: takes errors and warnings; nil if they have been reported before.
  ///   - isWanted: waits for input from a descriptor; false ends the reading, because nobody reads the results any more.
  ///   - body: takes a record; false ends the reading.
  /// - Returns: how many records and files are bad. Bad records are the first shard's, bad files those of all: with another
  ///   input than the others a shard would compute others' records, or leave its own.
  func forEach(
    _ diagnostics: Diagnostics?, while isWanted: (_ descriptor: Int32) -> Bool = { _ in true },
    _ body: (LanguageRecord) -> Bool
  ) -> Int {
    var source = RecordSource(options, .tokens, naming)
    var failures = 0, goesOn = true, index = -1
    for path in paths where goesOn {
      do throws(InputError) {
        try source.read(path) { descriptor in
          goesOn = goesOn && isWanted(descriptor)
          return goesOn
        } _: { item in
          switch item.content {
          case .success(let record):
            index += 1
            guard share?.has(index) ?? true else { return goesOn }
            for warning in record.warnings { diagnostics?.warning(Hints.message(of: warning)) }
            goesOn = body(LanguageRecord(record, name: item.name ?? ""))
          case .failure(let error):
            guard item.name == nil || share?.shard.isFirst ?? true else { return goesOn }
            diagnostics?.error(Hints.message(of: error))
            failures += 1
          }
          return goesOn
        }
      } catch {
        diagnostics?.error(error.description)
        failures += 1
      }
    }
    return failures
  }

  /// The same input, of which a shard computes its records.
  ///
  /// - Throws: `UsageError` when the input can be read only once.
  func shared(_ shard: Shard, _ cost: RecordCost) throws(UsageError) -> LanguageInput {
    if let path = paths.first(where: { $0 == "-" || FileStatus.kind(of: $0).map { $0 != .file } ?? false }) {
      throw .conflict(
        "--shard: found \(InputFile.displayName(path)), expected files: the lengths of all records are read before the "
          + "first is computed")
    }
    var lengths: [Int] = []
    _ = forEach(nil) {
      lengths.append($0.sequence.utf8.count)
      return true
    }
    var input = self
    input.share = Share(shard, lengths: lengths, cost: cost)
    return input
  }
}
