// Where arrays of many records go: one HDF5 file, or a folder of NumPy files.

import ESMFoldKit
import Glibc

/// A place for results that survives an interruption: what has been appended is there when the same command is given
/// again.
protocol ResultStore {
  /// Whether results of the record are there already.
  func contains(name: String, sequence: String) -> Bool
  /// How many records are there.
  var count: Int { get }
  /// Adds the results of a record.
  func append(_ record: ResultRecord) throws(OutputError)
  /// Makes the output complete; `seen` are the hashes of all records of this run's input.
  func finish(seen: Set<UInt64>) throws(OutputError)
  /// Whether records are collected first and copied at the end: needs the room twice, and the same input each time.
  var isJournalled: Bool { get }
}

/// One HDF5 file. Records are collected in a journal beside it, because a file of this format that is not closed is of no
/// use; at the end they are copied into the file, which gets its name when it is complete.
final class HDF5Store: ResultStore {
  private let path: String
  private let settings: String
  private let journal: ResultJournal
  private let temporaryFiles: TemporaryFiles

  /// - Parameters:
  ///   - path: the file.
  ///   - settings: JSON of everything that results depend on but the input; an attribute of the file.
  ///   - startsAnew: whether what an interrupted run left is thrown away.
  ///   - temporaryFiles: remembers unfinished files.
  /// - Throws: `OutputError` when the file cannot be written.
  init(_ path: String, settings: String, startsAnew: Bool, _ temporaryFiles: TemporaryFiles) throws(OutputError) {
    self.path = path
    self.settings = settings
    self.temporaryFiles = temporaryFiles
    journal = try ResultJournal(for: path, settings: settings, startsAnew: startsAnew)
    if journal.isLocked { OutputFile.removeLeftovers(besides: path) }
  }

  /// Whether there is a result already, made with the same settings.
  ///
  /// - Throws: `OutputError` when there is another file.
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
    guard others == 0 else { throw .otherInput(path: path, left: splitPath(journal.path).name, count: others) }
    let output = OutputFile(path, temporaryFiles)
    defer { output.discard() }
    do {
      let file = try ResultFile(creating: output.temporaryPath, attributes: [("settings", settings)])
      try journal.forEach { try file.append($0) }
      try file.close()
    } catch let error as OutputError {
      throw error
    } catch {
      throw .unwritable("\(error)")
    }
    try output.synchronize()
    try temporaryFiles.commit([output]) {}
    journal.remove()
  }
}

/// A folder with a NumPy file for each array and `index.tsv`, a line for each file. A record is there when its line is.
final class NumpyStore: ResultStore {
  private let folder: String
  private let temporaryFiles: TemporaryFiles
  private let index: Int32
  private var done: Set<UInt64> = []

  static let header = "name\tarray\tfile\tshape\tdtype\tsequence\toriginal_id\n"

  /// Parameters as for `HDF5Store`; `settings` goes to `settings.json`.
  init(_ folder: String, settings: String, startsAnew: Bool, _ temporaryFiles: TemporaryFiles) throws(OutputError) {
    self.folder = folder
    self.temporaryFiles = temporaryFiles
    try OutputFolder.prepare(folder, temporaryFiles)
    let path = folder + "/index.tsv", settingsPath = folder + "/settings.json"
    var old: [UInt8] = []
    if !startsAnew { try? InputFile.read(settingsPath) { old += $0 } }
    let own = Array((settings + "\n").utf8)
    guard old.isEmpty || old == own else { throw .otherSettings(path: folder, left: "index.tsv") }
    index = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0o666)
    guard index >= 0 else { throw .system(path: path, action: "create", code: errno) }
    let isLocked = flock(index, LOCK_EX | LOCK_NB) == 0
    if !isLocked, errno == EWOULDBLOCK { throw .inUse(path: folder) }
    if isLocked { OutputFile.removeLeftovers(in: folder) { $0.hasSuffix(".npy") } }
    if old.isEmpty {
      guard ftruncate(index, 0) == 0 else { throw .system(path: path, action: "empty", code: errno) }
      let file = OutputFile(settingsPath, temporaryFiles)
      try file.write(own)
      try temporaryFiles.commit([file]) {}
    }
    try readIndex(path)
  }

  deinit { close(index) }

  /// Notes the records of the index; a line that was cut off is removed.
  private func readIndex(_ path: String) throws(OutputError) {
    var text: [UInt8] = []
    do throws(InputError) {
      try InputFile.read(path) { text += $0 }
    } catch {
      throw .unwritable(error.description)
    }
    guard !text.isEmpty else { return try write(Self.header, path) }
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.first.map({ String(decoding: $0, as: UTF8.self) + "\n" }) == Self.header else {
      throw .foreignSummary(path: path)
    }
    let complete = text.count - (lines.last?.count ?? 0)
    guard ftruncate(index, complete) == 0 else { throw .system(path: path, action: "cut", code: errno) }
    for line in lines.dropFirst().dropLast() {
      let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
      guard fields.count > 5 else { continue }
      done.insert(
        ResultJournal.hash(
          name: String(decoding: fields[0], as: UTF8.self), sequence: String(decoding: fields[5], as: UTF8.self)))
    }
  }

  let isJournalled = false

  var count: Int { done.count }

  func contains(name: String, sequence: String) -> Bool {
    done.contains(ResultJournal.hash(name: name, sequence: sequence))
  }

  func append(_ record: ResultRecord) throws(OutputError) {
    var files: [OutputFile] = [], lines = ""
    defer { for file in files { file.discard() } }
    for array in record.arrays {
      let name = Self.fileName(record: record.name, array: array.name)
      let file = OutputFile("\(folder)/\(name)", temporaryFiles)
      files.append(file)
      try file.write(array.npy)
      let fields = [
        record.name, array.name, name, array.shape.map(String.init).joined(separator: ","), array.elementType.rawValue,
        record.sequence, TableText.escaped(record.header),
      ]
      lines += fields.joined(separator: "\t") + "\n"
    }
    let path = folder + "/index.tsv"
    // The lines of one record are written together: a record is there with all its files or not at all.
    try temporaryFiles.commit(files) { () throws(OutputError) in try write(lines, path) }
    done.insert(ResultJournal.hash(name: record.name, sequence: record.sequence))
  }

  /// `NAME.npy` for the vectors, `NAME.contacts.npy` and so on for the rest; the vectors of a record that is itself called
  /// `a.contacts` must not take the place of the contacts of `a`.
  static func fileName(record: String, array: String) -> String {
    let own = EmbedOptions.Extra.allCases.map(\.rawValue) + [vectors]
    let isPlain = array == vectors && !own.contains { record.hasSuffix("." + $0) }
    return record + (isPlain ? "" : "." + array) + ".npy"
  }

  private static let vectors = "representations"

  private func write(_ text: String, _ path: String) throws(OutputError) {
    let before = lseek(index, 0, SEEK_END)
    let code = Array(text.utf8).withUnsafeBytes { writeAll($0, to: index) }
    guard code == 0 else {
      ftruncate(index, before)
      throw .system(path: path, action: "append", code: code)
    }
  }

  /// Every file is complete as soon as it has its name.
  func finish(seen: Set<UInt64>) throws(OutputError) {}
}
