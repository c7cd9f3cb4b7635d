// The records of a file that are folded: all of a FASTA file, the query of an A3M.

import Platform
import Protein

extension RecordSource {
  /// Passes on the records of a file that are folded, in order.
  ///
  /// Whether it is an A3M, all of its records may have to tell: a file is read twice then, and of a stream the records are kept
  /// until it is known.
  ///
  /// - Parameters:
  ///   - path: the file; `-` is standard input.
  ///   - body: takes a record; false ends the reading.
  /// - Returns: how many sequences were left out, which an A3M has beside its query.
  /// - Throws: `InputError`; the records before the failure have been passed on, the one it interrupts has not.
  package mutating func readFolds(_ path: String, _ body: (Item) -> Bool) throws(InputError) -> Int {
    InputFile.isFile(path) ? try readFile(path, body) : try readStream(path, body)
  }

  private mutating func readFile(_ path: String, _ body: (Item) -> Bool) throws(InputError) -> Int {
    var trial = RecordSource(options, dialect, naming), survey = AlignmentSurvey(), isA3M = false, place = 0
    // What cannot be read to its end tells what it can; the reading below says why.
    _ = try? trial.read(path) { item in
      isA3M = item.alignment != nil
      survey.note(item)
      return !isA3M && !survey.isOther
    }
    isA3M = isA3M || survey.isA3M
    try read(path) { item in
      place += 1
      return isA3M ? place > 1 || body(item.query) : body(item)
    }
    return isA3M ? max(0, place - 1) : 0
  }

  private mutating func readStream(_ path: String, _ body: (Item) -> Bool) throws(InputError) -> Int {
    var survey = AlignmentSurvey(), waiting: [Item] = [], isA3M: Bool?, place = 0
    /// Passes on what has waited.
    func decide(_ found: Bool) -> Bool {
      isA3M = found
      defer { waiting = [] }
      return waiting.prefix(found ? 1 : waiting.count).allSatisfy(body)
    }
    defer { if isA3M == nil { _ = decide(survey.isA3M) } }
    try read(path) { item in
      place += 1
      if place == 1, item.alignment != nil { isA3M = true }
      if let isA3M { return isA3M ? place > 1 || body(item.query) : body(item) }
      survey.note(item)
      waiting.append(item)
      return survey.isOther ? decide(false) : true
    }
    return isA3M ?? survey.isA3M ? max(0, place - 1) : 0
  }
}

extension RecordSource.Item {
  /// The query of an A3M with its chains, or the error that they do not make it up.
  fileprivate var query: Self {
    guard let query = alignment?.query, case .success(let record) = content else { return self }
    if let complex = record.divided(into: query) {
      return Self(name: name, content: .success(complex), alignment: alignment)
    }
    let place = FASTALocation(file: record.file, line: record.line, record: record.name)
    let error = FASTAError.queryOfChains(query.chains.map(\.length), length: record.sequence.count, place)
    return Self(name: name, content: .failure(error), alignment: alignment)
  }
}
