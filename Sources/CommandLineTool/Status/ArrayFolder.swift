// A folder of NumPy files: which records its index has, and whether their files are there.

import Platform
import Protein

/// A folder of NumPy files with its index, or with those of several shards.
final class ArrayFolder: ResultPlace {
  let naming = RecordSource.Naming.files
  let dialect = FASTADialect.tokens
  private(set) var parts: [ResultPart] = []
  private var records: [UInt64: Int32] = [:]
  private var names: Set<UInt64> = []
  /// Records that the index has and of which a file is not there, or not all of it.
  private var lacking: Set<UInt64> = []
  private let path: String

  /// Whether a folder has an index, and no summary.
  static func isOne(_ path: String) throws(ResultsError) -> Bool {
    var hasIndex = false, hasSummary = false
    do throws(SystemError) {
      try Folder.forEachName(in: path) { entry in
        if entry.name[0] == UInt8(ascii: "i"), isIndex(entry.name.text) { hasIndex = true }
        if entry.name.isText("summary.tsv") { hasSummary = true }
      }
    } catch {
      throw .system(error)
    }
    return hasIndex && !hasSummary
  }

  static func isIndex(_ name: String) -> Bool { ShardName.isPart(name, of: "index.tsv") }

  init(_ path: String, _ options: PlaceOptions) throws(ResultsError) {
    self.path = path
    var indices: [String] = [], arrays = ArrayFileSizes()
    do throws(SystemError) {
      try Folder.forEachName(in: path) { entry in
        if !arrays.note(entry), entry.name[0] == UInt8(ascii: "i"), Self.isIndex(entry.name.text) {
          indices.append(entry.name.text)
        }
      }
    } catch {
      throw .system(error)
    }
    for index in indices.inShardOrder { try read("\(path)/\(index)", arrays, options) }
  }

  private func read(_ path: String, _ arrays: ArrayFileSizes, _ options: PlaceOptions) throws(ResultsError) {
    let part = Int32(clamping: parts.count)
    parts.append(ResultPart(path))
    var isFirst = true, lacking: Set<UInt64> = []
    try LineFile(path).forEachLine { (bytes, offset) throws(ResultsError) in
      if isFirst {
        guard bytes.text + "\n" == NumpyStore.header else {
          throw .noTable(path: path, found: "another table", expected: "the index of NumPy files")
        }
        isFirst = false
        return true
      }
      let fields = bytes.fields
      guard fields.count == 7 else {
        throw .noTable(
          path: path, found: "a line at byte \(offset) with \(fields.count) fields", expected: "7 columns")
      }
      let name = shortHash(of: fields[0])
      let record = withUnsafeBytes(of: UInt8(0)) { shortHash(of: fields[5], after: shortHash(of: $0, after: name)) }
      // A record has all its files or none.
      let isThere =
        arrays.hasAll(fields[2], shape: fields[3].text, type: fields[4].text)
        && (!options.verifies || self.isArray(fields[2].text))
      if !isThere { lacking.insert(record) }
      self.names.insert(name)
      self.records[record] = part
      return true
    }
    for record in lacking { records[record] = nil }
    self.lacking.formUnion(lacking)
  }

  /// Whether a file begins as a NumPy array does.
  private func isArray(_ name: String) -> Bool {
    guard !name.contains("/"), let head = try? WholeFile.read("\(path)/\(name)", atMost: 6) else { return false }
    return head == [0x93] + Array("NUMPY".utf8)
  }

  func state(of record: AskedRecord) -> RecordState {
    guard let hash = record.recordHash else { return .missing }
    if let part = records[hash] {
      parts[Int(part)].finished += 1
      return .finished
    }
    // A record whose file is gone is missing.
    guard names.contains(record.nameHash), !lacking.contains(hash) else { return .missing }
    return .other("\(path): found the results of another sequence, expected those of this record")
  }
}
