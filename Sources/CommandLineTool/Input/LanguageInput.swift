// FASTA records for the language models, one at a time: memory does not grow with their number.

import Protein

/// The records of several files.
struct LanguageInput {
  let paths: [String]

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
    var names = UniqueNames()
    var failures = 0, goesOn = true
    for path in paths where goesOn {
      var parser = FASTAParser(file: InputFile.displayName(path), dialect: .tokens)
      func take() {
        while goesOn, let item = parser.next() {
          switch item {
          case .success(let record):
            for warning in record.warnings { diagnostics?.warning(warning.description) }
            goesOn = body(LanguageRecord(record, name: names.claim(FileName.sanitized(record.name))))
          case .failure(let error):
            diagnostics?.error(error.description)
            failures += 1
          }
        }
      }
      do throws(InputError) {
        let isWhole = try InputFile.read(path) { descriptor in
          goesOn = goesOn && isWanted(descriptor)
          return goesOn
        } _: { piece in
          guard goesOn else { return }
          parser.push(piece)
          take()
        }
        guard isWhole else { break }
        parser.finish()
        take()
      } catch {
        diagnostics?.error(error.description)
        failures += 1
      }
    }
    return failures
  }
}
