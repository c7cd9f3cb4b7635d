// Reads all FASTA inputs of a run: the records with names for their results, and what is wrong with the others.

import Platform
import Protein

package struct RecordReader: Sendable {
  private var source: RecordSource
  /// The records that can be used, in the order of the input, with names that are unique over all files.
  package private(set) var jobs: [Job] = []
  /// Records and files that cannot be used, in the order of the input.
  package private(set) var failures: [BadInput] = []
  /// Warnings that were not reported at once, and the places of their records in the input.
  private(set) var warnings: [(record: Int, message: String)] = []
  /// Whether the record at a place of the input is to be kept.
  private let keeps: @Sendable (Int) -> Bool
  /// How many records can be used, kept or not.
  private var count = 0

  /// - Parameters:
  ///   - options: how inputs are read.
  ///   - keeps: whether the record at a place among those that can be used is wanted.
  package init(
    _ options: InputOptions = InputOptions(), keeping keeps: @escaping @Sendable (Int) -> Bool = { _ in true }
  ) {
    self.keeps = keeps
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
    // Not copied: it has the names of all records.
    var source = RecordSource(self.source.options, .residues), query: FASTARecord?
    swap(&source, &self.source)
    defer { swap(&source, &self.source) }
    do throws(InputError) {
      let others = try source.readFolds(path) { item in
        query = try? item.content.get()
        take(item, diagnostics)
        return true
      }
      if others > 0, let query { warn(ofOthers: others, query, diagnostics) }
    } catch {
      // The current record may be cut off, so it is dropped.
      fail(nil, error.description, diagnostics)
    }
  }

  private mutating func take(_ item: RecordSource.Item, _ diagnostics: Diagnostics?) {
    switch (item.content, item.name) {
    case (.success(let record), let name?):
      defer { count += 1 }
      guard keeps(count) else { return }
      for warning in record.warnings { warn(Hints.message(of: warning), ofRecord: count, diagnostics) }
      jobs.append(Job(record: record, name: name))
    case (.success, nil): break
    case (.failure(let error), let name): fail(name, Hints.message(of: error), diagnostics)
    }
  }

  private mutating func warn(_ message: String, ofRecord record: Int, _ diagnostics: Diagnostics?) {
    guard let diagnostics else { return warnings.append((record, message)) }
    diagnostics.warning(message)
  }

  private mutating func fail(_ name: String?, _ message: String, _ diagnostics: Diagnostics?) {
    diagnostics?.error(message)
    failures.append(BadInput(name: name, message: message))
  }

  private mutating func warn(ofOthers others: Int, _ query: FASTARecord, _ diagnostics: Diagnostics?) {
    let others = others == 1 ? "the sequence" : "the \(others) sequences"
    let place = FASTALocation(file: query.file, line: query.line, record: query.name)
    guard keeps(count - 1) else { return }
    warn(
      "\(place): the query of an alignment (A3M) is folded, not \(others) aligned to it"
        + "\nhint: `sed '/^#/d; /^>/!s/[-.]//g' FILE > FILE.fasta` makes a protein of each", ofRecord: count - 1,
      diagnostics)
  }
}
