// What a tar of folds has: an index of its files and records, some bytes for each, without texts.

import Glibc
import Platform

/// The files and records of a tar.
///
/// Everything up to the last record that is whole counts. What may follow: the summary and the end, as a run leaves them that has
/// ended; or what a kill has left, which is cut off before the next record. A file that is otherwise, another program has
/// written to, and nothing of it is touched.
final class TarResults {
  /// A file; `start` is where its header begins.
  struct Member {
    let name: UInt64
    let start: Int, data: Int, size: Int
    var next: Int { data + size + TarHeader.padding(after: size) }
  }

  /// A record: its files, then the comment with its line.
  struct Record {
    let name: UInt64
    let start: Int, comment: Int, next: Int
    /// The line with its end.
    let line: Int, lineCount: Int32
    let members: Range<Int32>
    let isFolded: Bool
  }

  /// What is told while a tar is read.
  enum Visit {
    case member(name: [UInt8], size: Int)
    /// A line of the summary, and where it is.
    case line(SummaryLayout.Line, offset: Int)
  }

  let reader: TarReader
  private(set) var members: [Member] = []
  private(set) var records: [Record] = []
  /// nil until a name is asked for: who only looks at everything once has no use for it.
  private var namesIfAsked: TarNames?
  /// Where the next record begins.
  private(set) var end = 0
  /// Whether a summary of the records and the end follow, and nothing else: no run writes to it, and none was killed.
  private(set) var isClosed = false
  /// Whether something counts no more: the line of a record that was folded later, and its files.
  var hasSuperseded: Bool { names.hasSuperseded }

  var path: String { reader.path }

  /// Reads a tar.
  ///
  /// - Parameters:
  ///   - descriptor: The open file.
  ///   - path: Its name in errors.
  ///   - visit: Told of each file and record, in order; of several with one name the last counts.
  /// - Throws: `TarError` when it is another file, or something is wrong that no kill explains.
  init(_ descriptor: Int32, _ path: String, visit: (Visit) -> Void = { _ in }) throws(TarError) {
    reader = TarReader(descriptor, path)
    try read(visit)
  }

  private var names: TarNames {
    if let namesIfAsked { return namesIfAsked }
    let names = TarNames(members, records)
    namesIfAsked = names
    return names
  }

  func member(_ name: some Sequence<UInt8>) -> Member? { names.members[shortHash(name)].map { members[Int($0)] } }

  func record(_ name: some Sequence<UInt8>) -> Record? { record(hash: shortHash(name)) }

  func record(hash: UInt64) -> Record? { names.records[hash].map { records[Int($0)] } }

  /// Whether this is the last member of its name.
  func counts(_ member: Int) -> Bool { names.members[members[member].name] == Int32(clamping: member) }

  /// The last record of each name, in order.
  var liveRecords: [Record] {
    let last = names.records
    return records.indices.filter { last[records[$0].name] == Int32(clamping: $0) }.map { records[$0] }
  }

  // === Adding ===

  /// Notes a record that begins at `end`.
  func add(_ record: Record, _ new: [Member]) {
    for member in new {
      namesIfAsked?.note(member, at: members.count)
      members.append(member)
    }
    namesIfAsked?.note(record, at: records.count)
    records.append(record)
    end = record.next
    isClosed = false
  }

  /// Notes that the summary and the end were written.
  func close() { isClosed = true }

  // === Reading ===

  private func read(_ visit: (Visit) -> Void) throws(TarError) {
    let fileSize = try TarError.wrapping(try FileStatus(descriptor: reader.descriptor, path: path)).size
    var place = 0, pending: [Member] = []
    loop: while true {
      switch try TarError.wrapping(try reader.place(at: place, fileSize: fileSize)) {
      case .entry(let entry):
        try take(entry, &pending, visit)
        place = entry.next
      case .end where place > 0:
        try takeEnd(at: place, pending, fileSize)
        break loop
      case .cut(let hasHeader) where place > 0:
        // No kill leaves anything behind a summary.
        if let first = pending.first, pending.count > 1 || hasHeader, try isSummary(first, fileSize) {
          let member = pending.count > 1 ? try name(pending[1], fileSize) : "another file"
          throw .foreign(path: path, offset: end, member: member)
        }
        break loop
      case .other(let what) where place > 0:
        // What a crash of the machine has left: the end of an open tar, and behind it what was to take its place.
        if let last = pending.first, pending.count == 1, last.size == 0, try isSummary(last, fileSize) { break loop }
        throw .damaged(path: path, offset: end, found: what, expected: "files of a record, or the end")
      case .end: throw .other(path: path, found: "an empty tar")
      case .cut where try isBeginning(fileSize):
        end = TarRow.beginning.count
        break loop
      case .cut, .other: throw .other(path: path, found: "another file")
      }
    }
    if !isClosed, let last = records.last, try !isWhole(last) { removeLast(last) }
  }

  /// Whether the file is what a kill has left of a tar that a run began.
  private func isBeginning(_ fileSize: Int) throws(TarError) -> Bool {
    let start = TarRow.beginning
    guard fileSize < start.count else { return false }
    return start.starts(with: try TarError.wrapping(try readAll(fileSize, at: 0, from: reader.descriptor, path)))
  }

  private func take(_ entry: TarEntry, _ pending: inout [Member], _ visit: (Visit) -> Void) throws(TarError) {
    switch entry.content {
    case .file(let name):
      guard entry.start > 0 else { throw .other(path: path, found: "the tar of another program") }
      pending.append(Member(name: shortHash(name), start: entry.start, data: entry.data, size: entry.size))
      visit(.member(name: name, size: entry.size))
    case .comment(let text, let offset):
      switch TarRow(text) {
      case .start(let head) where entry.start == 0:
        guard head + [UInt8(ascii: "\n")] == Array(SummaryRow.head.utf8) else {
          throw .other(path: path, found: "the tar of another version")
        }
        end = entry.next
      case .record(_, let line) where entry.start > 0:
        try take(text, line, at: offset + line.lowerBound, entry, pending, visit)
        pending = []
      default:
        guard entry.start > 0 else { throw .other(path: path, found: "the tar of another program") }
        throw .damaged(path: path, offset: end, found: "another comment", expected: "the line of a record")
      }
    }
  }

  /// Adds the record that a line tells of.
  private func take(
    _ text: [UInt8], _ line: Range<Int>, at offset: Int, _ entry: TarEntry, _ pending: [Member],
    _ visit: (Visit) -> Void
  ) throws(TarError) {
    let first = Int32(clamping: members.count)
    let isLine = text.withUnsafeBytes { bytes in
      guard let parsed = SummaryLayout.current?.line(UnsafeRawBufferPointer(rebasing: bytes[line].dropLast())) else {
        return false
      }
      let record = Record(
        name: shortHash(of: parsed.name), start: end, comment: entry.start, next: entry.next, line: offset,
        lineCount: Int32(clamping: line.count), members: first..<first + Int32(clamping: pending.count),
        isFolded: parsed.isFolded)
      add(record, pending)
      visit(.line(parsed, offset: offset))
      return true
    }
    guard isLine else {
      throw .damaged(path: path, offset: end, found: "another line", expected: "that of a summary")
    }
  }

  /// Looks at what follows the last record.
  private func takeEnd(at place: Int, _ pending: [Member], _ fileSize: Int) throws(TarError) {
    guard let first = pending.first else { return try checkRest(from: place, fileSize, isEmpty: false) }
    guard try isSummary(first, fileSize) else {
      throw .foreign(path: path, offset: end, member: try name(first, fileSize))
    }
    if pending.count > 1 { throw .foreign(path: path, offset: end, member: try name(pending[1], fileSize)) }
    try checkRest(from: place, fileSize, isEmpty: first.size > 0)
    isClosed = first.size > 0
  }

  private func name(_ member: Member, _ fileSize: Int) throws(TarError) -> String {
    guard
      case .entry(let entry) = try TarError.wrapping(try reader.place(at: member.start, fileSize: fileSize)),
      case .file(let bytes) = entry.content
    else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func isSummary(_ member: Member, _ fileSize: Int) throws(TarError) -> Bool {
    ShardName.isPart(try name(member, fileSize), of: Self.summary)
  }

  static let summary = "summary.tsv"

  /// Throws when another archive follows, or anything at all where nothing may.
  private func checkRest(from place: Int, _ fileSize: Int, isEmpty: Bool) throws(TarError) {
    // The comment that begins a tar: its header is also that of other comments.
    let block = TarHeader.blockSize, beginning = TarRow.beginning.dropFirst(block).prefix(block)
    var place = place
    while place < fileSize {
      let piece = try TarError.wrapping(try readAll(1 << 20, at: place, from: reader.descriptor, path))
      if piece.isEmpty { break }
      for start in stride(from: 0, to: piece.count, by: block) {
        let bytes = piece[start..<min(start + block, piece.count)]
        guard isEmpty ? bytes.contains(where: { $0 != 0 }) : bytes.elementsEqual(beginning) else { continue }
        throw .damaged(
          path: path, offset: place + start, found: "data behind the end", expected: "none: `esmfold merge` joins tars")
      }
      place += piece.count
    }
  }

  // === Digests ===

  /// Whether the bytes of a record are those that were written.
  func isWhole(_ record: Record) throws(TarError) -> Bool {
    var digest = RunningDigest(), place = record.start
    while place < record.comment {
      let piece = try TarError.wrapping(
        try readAll(min(1 << 20, record.comment - place), at: place, from: reader.descriptor, path))
      if piece.isEmpty { return false }
      piece.withUnsafeBytes { digest.update($0) }
      place += piece.count
    }
    guard
      case .entry(let entry) = try TarError.wrapping(try reader.place(at: record.comment, fileSize: record.next)),
      case .comment(let text, _) = entry.content, case .record(let wanted, _) = TarRow(text)
    else { return false }
    return digest.finish().hexadecimal.utf8.elementsEqual(text[wanted])
  }

  /// Forgets the last record, of which a part was never written.
  private func removeLast(_ last: Record) {
    records.removeLast()
    members.removeLast(last.members.count)
    end = last.start
    namesIfAsked = nil
  }
}

extension SummaryLayout {
  /// That of the summaries that this program writes.
  static let current = Array(SummaryRow.head.utf8.dropLast()).withUnsafeBytes { SummaryLayout($0) }

  /// Whether two lines, with their ends, say the same but for times.
  static func areSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.withUnsafeBytes { one in
      other.withUnsafeBytes { other in
        guard let current, let one = current.line(UnsafeRawBufferPointer(rebasing: one.dropLast())),
          let other = current.line(UnsafeRawBufferPointer(rebasing: other.dropLast()))
        else { return false }
        return current.differing(one, other).isEmpty
      }
    }
  }
}
