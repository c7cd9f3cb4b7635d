// Results of language models as one .npy file for each record.

import ESMFoldKit
import Glibc
import Platform

/// A folder with a NumPy file for each array and `index.tsv`, a line for each file. A record exists when its line does. A
/// shard has an index and settings of its own, `index.2-of-8.tsv` and `settings.2-of-8.json`.
final class NumpyStore: ResultStore {
  private let folder: String
  private let temporaryFiles: TemporaryFiles
  private let index: Int32
  private var names = StoredNames()
  /// Hashes of the lines of records of which a file is not there, or not all of it: they are computed again, and keep their lines.
  private var kept: Set<UInt64> = []

  /// The index, the settings and which of several shards they are of.
  private let part: Part
  private let indexPath: String, settingsPath: String

  static let header = "name\tarray\tfile\tshape\tdtype\tsequence\toriginal_id\n"

  /// Parameters as for `HDF5Store`; `settings` goes to `settings.json`, and `part` says which records are this run's.
  init(
    _ folder: String, settings: String, startsAnew: Bool, _ part: Part = Part(), _ temporaryFiles: TemporaryFiles
  ) throws(OutputError) {
    self.folder = folder
    self.part = part
    indexPath = "\(folder)/\(part.path(of: Self.indexName))"
    settingsPath = "\(folder)/\(part.path(of: Self.settingsName))"
    self.temporaryFiles = temporaryFiles
    try OutputFolder.prepare(folder, temporaryFiles)
    let path = indexPath
    var old: [UInt8] = []
    if !startsAnew { _ = try? InputFile.read(settingsPath) { old += $0 } }
    let own = Array((settings + "\n").utf8)
    let isSame = ResultSettings.areSame(String(decoding: old, as: UTF8.self), settings + "\n")
    index = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0o666)
    guard index >= 0 else { throw .system(path: path, action: "create", code: errno) }
    let isLocked = flock(index, LOCK_EX | LOCK_NB) == 0
    if !isLocked, errno == EWOULDBLOCK { throw .inUse(path: folder) }
    UnfinishedFile.removeAbandoned(in: folder) { $0.hasSuffix(".npy") && part.has(file: $0) }
    if !startsAnew { try checkOthers(settings) }
    if !isSame {
      // Nothing of others is replaced, and no records that were made with other settings.
      let left = try Self.content(path)
      if !left.isEmpty, left != Array(Self.header.utf8), !startsAnew || !left.starts(with: Self.header.utf8) {
        throw old.isEmpty ? .foreignSummary(path: path) : .otherSettings(path: folder, left: path.lastComponent)
      }
      guard ftruncate(index, 0) == 0 else { throw .system(path: path, action: "empty", code: errno) }
      let file = try OutputError.wrapping(try UnfinishedFile(for: settingsPath, in: temporaryFiles))
      try OutputError.wrapping(try file.append(own))
      try OutputError.wrapping(try file.commit())
    }
    let sizes = try OutputError.wrapping(try ArrayFileSizes(of: folder))
    try readIndex(path, sizes)
    if !startsAnew { readOthers(sizes) }
  }

  deinit {
    // A process that is being started may have a copy of the descriptor for a moment, and with it the lock.
    flock(index, LOCK_UN)
    close(index)
  }

  /// Reads the records of the index; a line that was cut off is removed.
  private func readIndex(_ path: String, _ sizes: ArrayFileSizes) throws(OutputError) {
    let text = try Self.content(path)
    guard !text.isEmpty else { return try write(Self.header, path) }
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.first.map({ String(decoding: $0, as: UTF8.self) + "\n" }) == Self.header else {
      throw .foreignSummary(path: path)
    }
    let complete = text.count - (lines.last?.count ?? 0)
    guard ftruncate(index, complete) == 0 else { throw .system(path: path, action: "cut", code: errno) }
    note(lines.dropFirst().dropLast(), sizes, keepsLost: true)
  }

  /// Notes the records of an index.
  ///
  /// - Parameters:
  ///   - lines: Its lines.
  ///   - sizes: Those of the files in the folder.
  ///   - keepsLost: Whether it is this one to which lines are appended.
  private func note(_ lines: some Sequence<ArraySlice<UInt8>>, _ sizes: ArrayFileSizes, keepsLost: Bool = false) {
    var lost: Set<UInt64> = []
    func forEachRecord(_ body: (_ line: ArraySlice<UInt8>, _ fields: [String]) -> Void) {
      for line in lines {
        // Not the header, which is last and may be long.
        let fields = line.split(separator: UInt8(ascii: "\t"), maxSplits: 6, omittingEmptySubsequences: false).prefix(6)
        if fields.count == 6 { body(line, fields.map { String(decoding: $0, as: UTF8.self) }) }
      }
    }
    func hash(_ fields: [String]) -> UInt64 { ResultJournal.hash(name: fields[0], sequence: fields[5]) }
    forEachRecord { _, fields in
      names.insert(name: fields[0], sequence: fields[5])
      if !sizes.hasAll(fields[2].utf8, shape: fields[3], type: fields[4]) { lost.insert(hash(fields)) }
    }
    guard !lost.isEmpty else { return }
    // A record has all its files or none.
    for record in lost { names.lose(record) }
    if keepsLost { forEachRecord { line, fields in if lost.contains(hash(fields)) { kept.insert(shortHash(line)) } } }
  }

  /// Other parts of the same folder: a whole run, or shards of this or another number.
  private func others(of name: String) -> [String] {
    let own = part.path(of: name)
    return ((try? Folder.names(in: folder)) ?? []).filter { $0 != own && ShardName.isPart($0, of: name) }
      .map { "\(folder)/\($0)" }
  }

  /// Throws where a part of the folder was made with other settings: their files have the same names.
  private func checkOthers(_ settings: String) throws(OutputError) {
    for path in others(of: Self.settingsName) {
      let text = String(decoding: try Self.content(path), as: UTF8.self)
      guard ResultSettings.areSame(text, settings + "\n") else {
        throw .otherSettings(path: folder, left: path.lastComponent)
      }
    }
  }

  /// What other parts have is done, too, for a shard: with another number of shards the division is another one.
  private func readOthers(_ sizes: ArrayFileSizes) {
    guard part.shard != nil else { return }
    for path in others(of: Self.indexName) {
      guard let text = try? Self.content(path), text.starts(with: Self.header.utf8) else { continue }
      // A last line may be on its way.
      note(text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropFirst().dropLast(), sizes)
    }
  }

  private static func content(_ path: String) throws(OutputError) -> [UInt8] {
    var text: [UInt8] = []
    do throws(InputError) {
      try InputFile.read(path) { text += $0 }
    } catch {
      throw .unwritable(error)
    }
    return text
  }

  var path: String { indexPath }

  let isJournalled = false

  var count: Int { names.count }

  let interrupted: Set<UInt64> = []

  func contains(_ record: LanguageRecord) throws(OutputError) -> Bool {
    try names.contains(record, indexPath)
  }

  /// What the folder has is no obstacle to a run with other settings.
  func abandon() {}

  func append(_ record: ResultRecord) throws(OutputError) {
    var files: [UnfinishedFile] = [], lines = ""
    for array in record.arrays {
      let name = Self.fileName(record: record.name, array: array.name)
      let file = try OutputError.wrapping(
        try UnfinishedFile(for: "\(folder)/\(name)", in: temporaryFiles, removingAbandoned: false))
      files.append(file)
      try OutputError.wrapping(try file.append(array.npy))
      let fields = [
        record.name, array.name, name, array.shape.map(String.init).joined(separator: ","), array.elementType.rawValue,
        record.sequence, record.header,
      ]
      let line = TableText.line(fields)
      if !kept.contains(shortHash(line.utf8.dropLast())) { lines += line }
    }
    let path = indexPath
    // The lines of one record are written together: a record exists with all its files or not at all.
    try temporaryFiles.commit(files, then: { () throws(OutputError) in try write(lines, path) })
    names.insert(name: record.name, sequence: record.sequence)
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

  /// Every file is complete when it gets its name.
  func finish(order: [UInt64]) throws(OutputError) {}
}
