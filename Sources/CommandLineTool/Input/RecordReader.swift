// Reads all FASTA inputs of a run: the records with names for their results, and what is wrong with the others.

import Platform
import Protein

package struct RecordReader: Sendable {
  private var source: RecordSource
  /// The records that can be used, in the order of the input, with names that are unique over all files.
  package private(set) var jobs: [Job] = []
  /// Records and files that cannot be used, in the order of the input.
  package private(set) var failures: [BadInput] = []
  /// Warnings that were not reported at once, and the places of their records in `jobs`.
  private(set) var warnings: [(job: Int, message: String)] = []

  package init(_ options: InputOptions = InputOptions()) {
    source = RecordSource(options, .residues)
  }

  /// Read one file (`-` is standard input); bad records are reported and never stop the others.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - diagnostics: takes errors and warnings; nil leaves them to `failures` and `warnings`.
  ///
  /// Of an A3M only the first sequence is taken, the query: the others are what a search has aligned to it.
  package mutating func read(_ path: String, _ diagnostics: Diagnostics?) {
    // All records of the file, because only they show whether it is an A3M.
    var items: [RecordSource.Item] = []
    do throws(InputError) {
      let ending = try source.read(path) { item in
        items.append(item)
        return true
      }
      if items.count > 1, ending.isA3M || Self.isA3M(items) {
        let query = items.prefix(1).map { Self.query($0, ending.query) }
        take(query, diagnostics)
        warn(ofOthers: items.count - 1, query, path, diagnostics)
      } else {
        take(items.map { ending.isA3M ? Self.query($0, ending.query) : $0 }, diagnostics)
      }
    } catch {
      // The current record may be cut off, so it is dropped.
      take(items, diagnostics)
      fail(nil, error.description, diagnostics)
    }
  }

  private mutating func take(_ items: [RecordSource.Item], _ diagnostics: Diagnostics?) {
    for item in items {
      switch (item.content, item.name) {
      case (.success(let record), let name?):
        for warning in record.warnings { warn(Hints.message(of: warning), ofJob: jobs.count, diagnostics) }
        jobs.append(Job(record: record, name: name))
      case (.success, nil): break
      case (.failure(let error), let name): fail(name, Hints.message(of: error), diagnostics)
      }
    }
  }

  private mutating func warn(_ message: String, ofJob job: Int, _ diagnostics: Diagnostics?) {
    guard let diagnostics else { return warnings.append((job, message)) }
    diagnostics.warning(message)
  }

  private mutating func fail(_ name: String?, _ message: String, _ diagnostics: Diagnostics?) {
    diagnostics?.error(message)
    failures.append(BadInput(name: name, message: message))
  }
}

// === A3M ===

extension RecordReader {
  /// Whether the records are those of an A3M by their letters.
  private static func isA3M(_ items: [RecordSource.Item]) -> Bool {
    var survey = AlignmentSurvey()
    for item in items { survey.note(item) }
    return survey.isA3M
  }

  /// The query with its chains, or the error that they do not make it up.
  static func query(_ item: RecordSource.Item, _ query: A3MQuery?) -> RecordSource.Item {
    guard let query, case .success(let record) = item.content else { return item }
    if let complex = record.divided(into: query) {
      return RecordSource.Item(name: item.name, content: .success(complex))
    }
    let place = FASTALocation(file: record.file, line: record.line, record: record.name)
    let error = FASTAError.queryOfChains(query.chains.map(\.length), length: record.sequence.count, place)
    return RecordSource.Item(name: item.name, content: .failure(error))
  }

  private mutating func warn(
    ofOthers count: Int, _ query: [RecordSource.Item], _ path: String, _ diagnostics: Diagnostics?
  ) {
    guard case .success(let record)? = query.first?.content else { return }
    let others = count == 1 ? "the sequence" : "the \(count) sequences"
    let place = FASTALocation(file: record.file, line: record.line, record: record.name)
    warn(
      "\(place): the query of an alignment (A3M) is folded, not \(others) aligned to it"
        + "\nhint: `sed '/^#/d; /^>/!s/[-.]//g' FILE > FILE.fasta` makes a protein of each", ofJob: jobs.count - 1,
      diagnostics)
  }
}
