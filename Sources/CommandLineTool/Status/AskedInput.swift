// The records of the input, one at a time, as the command reads them whose results are looked at.

import Platform
import Protein

/// The input of a run.
struct AskedInput {
  let paths: [String]
  let options: InputOptions
  let copies: Int
  let naming: RecordSource.Naming
  let dialect: FASTADialect

  /// Passes on every record, in order.
  ///
  /// - Parameters:
  ///   - diagnostics: takes errors of whole files; nil if they have been reported before.
  ///   - goesOn: asked behind each record; false ends the reading.
  ///   - body: takes a record.
  /// - Returns: how many files cannot be read.
  /// - Throws: what `body` throws.
  func forEach(
    _ diagnostics: Diagnostics?, while goesOn: () -> Bool = { true },
    _ body: (AskedRecord) throws(ResultsError) -> Void
  ) throws(ResultsError) -> Int {
    var source = RecordSource(options, dialect, naming), failures = 0, failure: ResultsError?
    source.overlaps = true
    func pass(_ item: RecordSource.Item) {
      guard failure == nil else { return }
      do throws(ResultsError) {
        switch (item.content, item.name) {
        case (.success(let record), let name?):
          try body(AskedRecord(name: name, record: record, problem: nil, copies: copies))
        case (.failure(let error), let name?):
          let message = String(Hints.message(of: error).prefix { $0 != "\n" })
          try body(AskedRecord(name: name, record: nil, problem: message, copies: copies))
        case (.failure(let error), nil):
          diagnostics?.error(Hints.message(of: error))
          failures += 1
        case (.success, nil): break
        }
      } catch {
        failure = error
      }
    }
    for path in paths where failure == nil && goesOn() {
      func passed(_ item: RecordSource.Item) -> Bool {
        pass(item)
        return failure == nil && goesOn()
      }
      do throws(InputError) {
        if dialect == .residues {
          _ = try source.readFolds(path, passed)
        } else {
          try source.read(path, passed)
        }
      } catch {
        diagnostics?.error(error.description)
        failures += 1
      }
    }
    if let failure { throw failure }
    return failures
  }
}
