// FASTA records for the language models, one at a time: memory does not grow with their number.

import Protein

/// The records of several files.
struct LanguageInput {
  /// What the names of records are made for.
  enum Naming: Sendable {
    /// Files: letters, digits and little else, different on any file system.
    case files
    /// Groups of an HDF5 file, or lines of a table: the first word of the header, as it is.
    case identifiers
  }

  let paths: [String]
  var naming = Naming.files

  /// Pass on every record as soon as it is read; bad records are reported and counted.
  ///
  /// - Parameters:
  ///   - diagnostics: takes errors and warnings; nil if they have been reported before.
  ///   - body: takes a record; false ends the reading.
  /// - Returns: how many records and files are bad.
  func forEach(_ diagnostics: Diagnostics?, _ body: (LanguageRecord) -> Bool) -> Int {
    var names = UniqueNames(foldsCase: naming == .files)
    var failures = 0, goesOn = true
    for path in paths where goesOn {
      var parser = FASTAParser(file: InputFile.displayName(path), dialect: .tokens)
      func take() {
        while goesOn, let item = parser.next() {
          switch item {
          case .success(let record):
            for warning in record.warnings { diagnostics?.warning(warning.description) }
            goesOn = body(LanguageRecord(record, name: names.claim(name(of: record))))
          case .failure(let error):
            diagnostics?.error(error.description)
            failures += 1
          }
        }
      }
      do throws(InputError) {
        try InputFile.read(path) { piece in
          guard goesOn else { return }
          parser.push(piece)
          take()
        }
        parser.finish()
        take()
      } catch {
        diagnostics?.error(error.description)
        failures += 1
      }
    }
    return failures
  }

  private func name(of record: FASTARecord) -> String {
    switch naming {
    case .files: FileName.sanitized(record.name)
    case .identifiers: RecordIdentifier.of(header: record.name)
    }
  }
}
