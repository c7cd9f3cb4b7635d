// Results of language models in one HDF5 file.

import ESMFoldKit
import Platform

/// One HDF5 file. Records are collected in a journal beside it, because an HDF5 file that was not closed cannot be
/// read; at the end they are copied into the file, which is renamed when it is complete.
final class HDF5Store: ResultStore {
  /// How the file is laid out.
  struct Form {
    /// Whether each record is one dataset at the root, in place of a group.
    var isFlat = false
    /// Text attributes of the file beside `settings`.
    var attributes: [(name: String, value: String)] = []
  }

  let path: String
  private let settings: String
  private let form: Form
  private let journal: ResultJournal
  private let temporaryFiles: TemporaryFiles
  /// A complete file, to which records are added; nil when there is none.
  private let existing: StoredResults?
  private var names = StoredNames()

  /// - Parameters:
  ///   - path: the file.
  ///   - settings: JSON of everything that results depend on but the input; an attribute of the file.
  ///   - form: how the file is laid out; what differs from the usual is in the settings, too.
  ///   - startsAnew: whether the results of an interrupted run are discarded.
  ///   - temporaryFiles: remembers unfinished files.
  /// - Throws: `OutputError` when the file cannot be written.
  init(
    _ path: String, settings: String, form: Form = Form(), startsAnew: Bool, _ temporaryFiles: TemporaryFiles
  ) throws(OutputError) {
    self.path = path
    self.settings = settings
    self.form = form
    self.temporaryFiles = temporaryFiles
    var existing = startsAnew ? nil : try Self.existing(path, settings: settings)
    // Before the work: at its end there must be a place for the file, which may be behind a link.
    try OutputError.wrapping(try UnfinishedFile(for: path, in: temporaryFiles).discard())
    journal = try ResultJournal(for: path, settings: settings, startsAnew: startsAnew)
    // Another process may have completed it meanwhile; now none can.
    if existing == nil, !startsAnew { existing = try Self.existing(path, settings: settings) }
    self.existing = existing
    for entry in existing?.entries ?? [] { names.insert(name: entry.name, sequence: entry.sequence) }
  }

  /// The file with the same settings.
  ///
  /// - Throws: `OutputError` if another file exists.
  private static func existing(_ path: String, settings: String) throws(OutputError) -> StoredResults? {
    guard FileIdentity(path) != nil else { return nil }
    guard let found = try? ResultFile.attribute("settings", ofFile: path) else { throw .foreignResult(path: path) }
    guard ResultSettings.areSame(found, settings) else { throw .otherResult(path: path) }
    do throws(ModelError) {
      return try StoredResults(path)
    } catch {
      throw .unwritable(error)
    }
  }

  let isJournalled = true

  var count: Int { journal.done.count + names.count }

  var interrupted: Set<UInt64> { journal.done }

  func contains(_ record: LanguageRecord) throws(OutputError) -> Bool {
    if journal.done.contains(record.hash) { return true }
    return try names.contains(record, path)
  }

  func append(_ record: ResultRecord) throws(OutputError) { try journal.append(record) }

  func abandon() { if journal.done.isEmpty { journal.remove() } }

  /// Writes the records of the input in its order, then those that the file had besides.
  func finish(order: [UInt64]) throws(OutputError) {
    let others = journal.done.subtracting(order).count
    guard others == 0 else { throw .otherInput(path: path, left: journal.path.lastComponent, count: others) }
    // Everything was there.
    if journal.done.isEmpty, existing != nil { return journal.remove() }
    let output = try OutputError.wrapping(try UnfinishedFile(for: path, in: temporaryFiles))
    do {
      var file = ResultFile(output, attributes: [("settings", settings)] + form.attributes)
      try forEach(in: order) { try file.append($0, isFlat: form.isFlat) }
      try file.close()
    } catch {
      throw OutputError(error)
    }
    journal.remove()
  }

  private func forEach(in order: [UInt64], _ body: (ResultRecord) throws -> Void) throws {
    // What a killed run was computing comes last, or the input has been put into another order.
    if existing == nil, order.filter(journal.done.contains) == journal.order { return try journal.forEach(body) }
    let stored = existing?.entries ?? []
    var entries: [UInt64: StoredResults.Entry] = [:]
    for entry in stored { entries[ResultJournal.hash(name: entry.name, sequence: entry.sequence)] = entry }
    func pass(on entry: StoredResults.Entry) throws { if let existing { try body(try existing.record(entry)) } }
    let places = try journal.places()
    for hash in order {
      if let entry = entries.removeValue(forKey: hash) {
        try pass(on: entry)
      } else if let place = places[hash] {
        try body(try journal.record(at: place))
      }
    }
    for entry in stored {
      let hash = ResultJournal.hash(name: entry.name, sequence: entry.sequence)
      if let entry = entries.removeValue(forKey: hash) { try pass(on: entry) }
    }
  }
}
