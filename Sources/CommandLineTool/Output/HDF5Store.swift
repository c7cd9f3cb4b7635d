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

  private let path: String
  private let settings: String
  private let form: Form
  private let journal: ResultJournal
  private let temporaryFiles: TemporaryFiles

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
    // Before the work: at its end there must be a place for the file, which may be behind a link.
    try OutputError.wrapping(try UnfinishedFile(for: path, in: temporaryFiles).discard())
    journal = try ResultJournal(for: path, settings: settings, startsAnew: startsAnew)
  }

  /// Whether a result with the same settings exists.
  ///
  /// - Throws: `OutputError` if another file exists.
  static func isComplete(_ path: String, settings: String) throws(OutputError) -> Bool {
    guard FileIdentity(path) != nil else { return false }
    guard let found = try? ResultFile.attribute("settings", ofFile: path) else { throw .foreignResult(path: path) }
    guard found == settings else { throw .otherResult(path: path) }
    return true
  }

  let isJournalled = true

  var count: Int { journal.done.count }

  func contains(name: String, sequence: String) -> Bool {
    journal.done.contains(ResultJournal.hash(name: name, sequence: sequence))
  }

  func append(_ record: ResultRecord) throws(OutputError) { try journal.append(record) }

  func finish(seen: Set<UInt64>) throws(OutputError) {
    let others = journal.done.subtracting(seen).count
    guard others == 0 else { throw .otherInput(path: path, left: journal.path.lastComponent, count: others) }
    let output = try OutputError.wrapping(try UnfinishedFile(for: path, in: temporaryFiles))
    do {
      var file = ResultFile(output, attributes: [("settings", settings)] + form.attributes)
      try journal.forEach { try file.append($0, isFlat: form.isFlat) }
      try file.close()
    } catch {
      throw OutputError(error)
    }
    journal.remove()
  }
}
