// FASTA records for the language models, one at a time: memory does not grow with their number.

import Protein

/// The records of several files.
struct LanguageInput {
  let paths: [String]
  let options: InputOptions

  /// Pass on every record as soon as it is read; bad records are reported and counted.
  ///
  /// - Parameters:
  ///   - diagnostics: takes errors and warnings; nil if they have been reported before.
  ///   - body: takes a record; false ends the reading.
  /// - Returns: how many records and files are bad.
  func forEach(_ diagnostics: Diagnostics?, _ body: (LanguageRecord) -> Bool) -> Int {
    var source = RecordSource(options, .tokens)
    var failures = 0, goesOn = true
    for path in paths where goesOn {
      do throws(InputError) {
        try source.read(path) { item in
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
