// Tables of shards as one: summaries, indices of NumPy files, tables of scores, contacts and classes.

import Glibc
import Platform

/// Tables that become one. Of each record is known where its lines are; they are read when they are written.
struct MergedTable {
  private let kind: TableKind
  private var tables: [LineFile] = []
  private var names = NameList()
  private var entries: [Entry] = []
  /// The first line of all tables; empty where they have none.
  private var head: [UInt8] = []
  private var layout: SummaryLayout?
  /// What the folds of the first table that has any were made with.
  private var settings: Set<String> = []
  private var settingsTable: Int?

  /// The lines of a record, one after the other in a table.
  private struct Entry {
    var table: Int32
    var offset: Int
    var count: Int
    var rank: Rank
  }

  /// In what part of a summary a single run writes a line.
  private enum Rank: UInt8, CaseIterable {
    /// Records that cannot be read, folds that are not begun, and all others.
    case bad, refused, other
  }

  init(_ kind: TableKind) { self.kind = kind }

  var count: Int { entries.count }

  /// Whether it is a table of vectors, whose records have the names that those of HDF5 files have.
  var isOfVectors: Bool { head.starts(with: "name\tlayer".utf8) || head.starts(with: "name,layer".utf8) }

  /// Whether a record may have no line, as one without contacts.
  private var hasOptionalLines: Bool { head.starts(with: "name\ti\t".utf8) || head.starts(with: "name,i,".utf8) }

  // === Reading ===

  /// Adds a table.
  ///
  /// - Throws: `ResultsError` when it is another one, is cut off, or differs from those before.
  mutating func add(_ path: String) throws(ResultsError) {
    let table = try LineFile(path), number = Int32(clamping: tables.count)
    tables.append(table)
    var pending: (name: [UInt8], entry: Entry)?, isFirst = kind.hasHead
    let cut = try table.forEachLine { (line, offset) throws(ResultsError) in
      if isFirst {
        isFirst = false
        try self.takeHead(line, path)
        return true
      }
      guard let name = self.kind.name(ofLine: line) else {
        throw .noTable(path: path, found: "a line at byte \(offset) without a name", expected: "\(self.kind.words)")
      }
      let rank = try self.rank(line, offset, table: Int(number))
      if let last = pending, last.name.elementsEqual(name), self.kind.hasSeveralLines {
        pending?.entry.count += line.count + 1
        return true
      }
      if let last = pending { try self.take(last.name, last.entry) }
      pending = (Array(name), Entry(table: number, offset: offset, count: line.count + 1, rank: rank))
      return true
    }
    if let last = pending { try take(last.name, last.entry) }
    guard cut == 0 else {
      throw .noTable(
        path: path, found: "\(cut) bytes of a line that is cut off",
        expected: "whole lines\nhint: run this shard again: it completes its results")
    }
    guard !isFirst else { throw .noTable(path: path, found: "an empty file", expected: kind.words) }
  }

  /// Adds the lines of the records in a tar of folds.
  ///
  /// - Throws: `ResultsError` when they differ from those before.
  mutating func add(_ tar: TarResults) throws(ResultsError) {
    let table = try LineFile(tar.path), number = Int32(clamping: tables.count)
    tables.append(table)
    var failure: ResultsError?
    Array(SummaryRow.head.utf8.dropLast()).withUnsafeBytes { line in
      do throws(ResultsError) { try takeHead(line, tar.path) } catch { failure = error }
    }
    if let failure { throw failure }
    for record in tar.liveRecords {
      let bytes = try table.bytes(Int(record.lineCount), at: record.line)
      try bytes.withUnsafeBufferPointer { (buffer) throws(ResultsError) in
        let line = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer).dropLast())
        let rank = try rank(line, record.line, table: Int(number))
        try take(
          Array(line.fields[0]),
          Entry(table: number, offset: record.line, count: Int(record.lineCount), rank: rank))
      }
    }
  }

  /// The number of a record by the hash of its name as it is written; nil if there is none.
  func place(_ hash: UInt64) -> Int? { names.place(hash) }

  func name(_ place: Int) -> String { names.name(place) }

  /// The lines of a record.
  func line(_ place: Int) throws(ResultsError) -> [UInt8] { try bytes(entries[place]) }

  /// Records in the order in which a single run writes them: those that cannot be read first.
  func ranked(_ order: [Int]) -> [Int] {
    Rank.allCases.flatMap { rank in order.filter { entries[$0].rank == rank } }
  }

  private mutating func takeHead(_ line: UnsafeRawBufferPointer, _ path: String) throws(ResultsError) {
    if head.isEmpty {
      guard kind.isHead(line) else { throw .noTable(path: path, found: "another table", expected: kind.words) }
      head = Array(line) + [UInt8(ascii: "\n")]
      layout = kind == .summary ? SummaryLayout(line) : nil
    } else if !head.dropLast().elementsEqual(line) {
      throw .noTable(
        path: path, found: "other columns", expected: "those of \(visiblePath(tables[0].path))")
    }
  }

  /// What kind of line of a summary this is; checks its settings.
  private mutating func rank(_ bytes: UnsafeRawBufferPointer, _ offset: Int, table: Int) throws(ResultsError) -> Rank {
    guard kind == .summary, let layout else { return .other }
    guard let line = layout.line(bytes) else {
      throw .noTable(
        path: tables[table].path, found: "a line at byte \(offset) that is none of a summary",
        expected: "\(layout.count) columns")
    }
    guard line.isFolded else {
      if line.length == nil { return .bad }
      return layout.settings.first.map { line.fields[$0].isText("NA") } == true ? .refused : .other
    }
    let words = layout.settings.map { line.fields[$0].text }
    var found = words.reversed().joined(separator: ", ") + " recycles"
    if let samples = layout.samples, !line.fields[samples].isText("1") {
      found += ", \(line.fields[samples].text) samples"
    }
    if settingsTable == nil { settingsTable = table }
    if let first = settingsTable, first != table, !settings.contains(found) {
      throw .otherSettings(
        first: tables[first].path, second: tables[table].path, found: found,
        expected: settings.sorted().joined(separator: " or "))
    }
    if settingsTable == table { settings.insert(found) }
    return .other
  }

  /// Adds the lines of a record, or compares them with those that there are.
  private mutating func take(_ name: [UInt8], _ entry: Entry) throws(ResultsError) {
    let (place, isNew) = name.withUnsafeBytes { names.add($0) }
    if isNew {
      entries.append(entry)
      return
    }
    if try isBetter(entry, than: entries[place], names.name(place)) { entries[place] = entry }
  }

  private func bytes(_ entry: Entry) throws(ResultsError) -> [UInt8] {
    let bytes = try tables[Int(entry.table)].bytes(entry.count, at: entry.offset)
    guard bytes.count == entry.count, bytes.last == UInt8(ascii: "\n") else {
      throw .noTable(
        path: tables[Int(entry.table)].path, found: "fewer bytes than before", expected: "a table that nobody writes")
    }
    return bytes
  }

  /// Whether lines take the place of earlier ones of the same record.
  ///
  /// - Throws: `ResultsError.different` when they say something else.
  private func isBetter(_ new: Entry, than old: Entry, _ name: String) throws(ResultsError) -> Bool {
    let one = try bytes(old), other = try bytes(new)
    let (first, second) = (tables[Int(old.table)].path, tables[Int(new.table)].path)
    guard let layout else {
      guard one == other else { throw .different(name: name, first: first, second: second, what: "lines that differ") }
      return false
    }
    return try one.withUnsafeBufferPointer { (one) throws(ResultsError) in
      try other.withUnsafeBufferPointer { (other) throws(ResultsError) in
        guard let old = layout.line(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(one).dropLast())),
          let new = layout.line(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(other).dropLast()))
        else { return false }
        // A fold replaces a failure, whichever came first.
        if old.isFolded != new.isFolded { return new.isFolded }
        if old.isFolded {
          let differing = layout.differing(old, new)
          guard differing.isEmpty else {
            throw .different(
              name: name, first: first, second: second,
              what: "folds that differ in \(differing.joined(separator: ", "))")
          }
        }
        // ISO 8601: the later is the larger.
        guard let finished = layout.finished else { return false }
        return new.fields[finished].text > old.fields[finished].text
      }
    }
  }

  // === Writing ===

  /// Writes the table in the order of the input, or of the names.
  ///
  /// - Parameters:
  ///   - input: the input of the run; nil for the order of the names.
  ///   - report: takes errors of the input, and what lacks.
  ///   - append: takes the text, piece by piece.
  /// - Throws: `ResultsError` when the input lacks a record, and what `append` throws.
  func write(
    inOrderOf input: AskedInput?, _ report: MergeReport, to append: ([UInt8]) throws(ResultsError) -> Void
  ) throws(ResultsError) {
    var piece = head
    for place in try order(input, report) {
      piece += try bytes(entries[place])
      if piece.count > 1 << 18 {
        try append(piece)
        piece = []
      }
    }
    try append(piece)
  }

  /// The numbers of the records in the order of the input, or of the names.
  func order(_ input: AskedInput?, _ report: MergeReport) throws(ResultsError) -> [Int] {
    guard let input else { return names.sorted }
    let order = try MergeOrder.of(input, names, report, mayLack: hasOptionalLines) {
      kind.written($0)
    } where: { place in
      tables[Int(entries[place].table)].path
    }
    return kind == .summary ? ranked(order) : order
  }

  /// Passes on the lines of all records.
  func forEachLine(_ body: (_ line: UnsafeRawBufferPointer, _ path: String) throws(ResultsError) -> Void)
    throws(ResultsError)
  {
    for entry in entries {
      let bytes = try bytes(entry), path = tables[Int(entry.table)].path
      try bytes.withUnsafeBufferPointer { (lines) throws(ResultsError) in
        let bytes = UnsafeRawBufferPointer(lines)
        var start = 0
        while start < bytes.count, let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
          try body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), path)
          start = end + 1
        }
      }
    }
  }
}

extension SummaryLayout {
  /// The columns in which two folds differ, but for times and machines.
  func differing(_ one: Line, _ other: Line) -> [String] {
    (0..<count).filter { column in
      !times.contains(column) && !one.fields[column].elementsEqual(other.fields[column])
    }.map { $0 < SummaryRow.columns.count ? SummaryRow.columns[$0] : "column \($0 + 1)" }
  }
}
