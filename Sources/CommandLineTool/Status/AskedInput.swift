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
  ///   - body: takes a record.
  /// - Returns: how many files cannot be read.
  /// - Throws: what `body` throws.
  func forEach(
    _ diagnostics: Diagnostics?, _ body: (AskedRecord) throws(ResultsError) -> Void
  ) throws(ResultsError) -> Int {
    var source = RecordSource(options, dialect, naming), failures = 0, failure: ResultsError?
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
    for path in paths where failure == nil {
      do throws(InputError) {
        if dialect == .residues {
          try read(path, &source, pass)
        } else {
          try source.read(path) { item in
            pass(item)
            return failure == nil
          }
        }
      } catch {
        diagnostics?.error(error.description)
        failures += 1
      }
    }
    if let failure { throw failure }
    return failures
  }

  /// Reads a file as `fold` does: of an A3M only the query. Whether it is one, the whole file may have to tell; a stream,
  /// which can be read only once, is kept until it has.
  private func read(
    _ path: String, _ source: inout RecordSource, _ pass: (RecordSource.Item) -> Void
  ) throws(InputError) {
    guard path != "-", FileStatus.kind(of: path) == .file else {
      var survey = AlignmentSurvey(), waiting: [RecordSource.Item] = []
      let ending = try source.read(path) { item in
        guard !survey.isOther else {
          pass(item)
          return true
        }
        survey.note(item)
        waiting.append(item)
        if survey.isOther {
          waiting.forEach(pass)
          waiting = []
        }
        return true
      }
      let isA3M = ending.isA3M || (waiting.count > 1 && survey.isA3M)
      for item in isA3M ? waiting.prefix(1) : waiting[...] { pass(RecordReader.query(item, ending.query)) }
      return
    }
    var survey = AlignmentSurvey(), trial = RecordSource(options, dialect, naming), count = 0
    let ending = try trial.read(path) { item in
      count += 1
      survey.note(item)
      return !survey.isOther
    }
    let isA3M = ending.isA3M || (count > 1 && survey.isA3M)
    var isFirst = true
    try source.read(path) { item in
      if isFirst || !isA3M { pass(ending.isA3M ? RecordReader.query(item, ending.query) : item) }
      isFirst = false
      return true
    }
  }
}
