// FASTA records for the language models, one at a time: memory does not grow with their number.

import Protein

/// The records of several files.
struct LanguageInput {
  let paths: [String]
  let options: InputOptions
  var naming = RecordSource.Naming.files

  /// Pass on every record as soon as it is read; bad records are reported and counted.
  ///
  /// - Parameters:
  ///   - diagnostics: takes errors and warnings; nil if they have been reported before.
  ///   - isWanted: waits for input from a descriptor; false ends the reading, because nobody reads the results any more.
  ///   - body: takes a record; false ends the reading.
  /// - Returns: how many records and files are bad.
  func forEach(
    _ diagnostics: Diagnostics?, while isWanted: (_ descriptor: Int32) -> Bool = { _ in true },
    _ body: (LanguageRecord) -> Bool
  ) -> Int {
    var source = RecordSource(options, .tokens, naming)
    var failures = 0, goesOn = true
    for path in paths where goesOn {
      do throws(InputError) {
        try source.read(path) { descriptor in
          goesOn = goesOn && isWanted(descriptor)
          return goesOn
        } _: { item in
          switch item.content {
          case .success(let record):
            for warning in record.warnings { diagnostics?.warning(Hints.message(of: warning)) }
            goesOn = body(LanguageRecord(record, name: item.name ?? ""))
          case .failure(let error):
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
}
