// A tar with the results of `fold`: records are appended one by one, at any moment it is a valid archive.

import Glibc
import Platform

/// A tar of results.
///
/// A result is first written to a file of its own beside the tar, since some are not written from the front to the back; when all
/// of a record are complete, they are appended with its line. When the run ends, the summary follows.
final class TarStore: FoldStore {
  let path: String
  /// The name of the summary, which is that in a folder.
  private let summaryName: String
  private let descriptor: Int32
  private let results: TarResults
  private let begun: BegunRecords
  /// The records that are being computed.
  private var underWay: Set<UInt64> = []
  private let temporaryFiles: TemporaryFiles
  /// Where the file ends, and whether that is behind the end of an open tar at `results.end`.
  private var size: Int
  private var isOpen = false
  private let openEnd: [UInt8]
  /// Whether the path leads to another file, so that nothing can be added to the results any more.
  private var isReplaced = false

  /// Opens a tar, or begins one.
  ///
  /// - Parameters:
  ///   - whole: The path without the number of a shard.
  ///   - cluster: Which part of the results is this run's.
  ///   - inputs: The files being read.
  ///   - temporaryFiles: Remembers unfinished files.
  /// - Throws: `OutputError` when it cannot be written, is another file, or another process writes it.
  init(
    _ whole: String, _ cluster: ClusterOptions, inputs: Set<FileIdentity>, _ temporaryFiles: TemporaryFiles
  ) throws(OutputError) {
    path = cluster.path(of: whole)
    summaryName = cluster.path(of: TarResults.summary)
    openEnd = TarRow.openEnd(summaryName)
    self.temporaryFiles = temporaryFiles
    if let identity = FileIdentity(path), inputs.contains(identity) { throw .isInput(path: path) }
    switch FileStatus.kind(of: path) {
    case nil, .file: break
    case .folder: throw .folderForTar(path: path)
    default: throw .isStream(path: path)
    }
    try OutputFolder.prepare(path.folder, temporaryFiles)
    descriptor = try Self.openFile(path, temporaryFiles)
    do throws(OutputError) {
      size = try OutputError.wrapping(try FileStatus(descriptor: descriptor, path: path)).size
      results = try Self.results(descriptor, path, openEnd, size: &size)
    } catch {
      FileLock.release(descriptor)
      close(descriptor)
      throw error
    }
    UnfinishedFile.removeAbandoned(for: path)
    begun = BegunRecords(beside: path, temporaryFiles)
  }

  deinit {
    FileLock.release(descriptor)
    close(descriptor)
  }

  // === Reading ===

  private func member(_ path: String) -> TarResults.Member? {
    results.member(path.utf8.dropFirst(self.path.utf8.count + 1))
  }

  func size(of path: String) -> Int? { member(path)?.size }

  func read(_ path: String, atMost limit: Int) throws(OutputError) -> [UInt8] {
    guard let member = member(path) else { throw .system(path: path, action: "open", code: ENOENT) }
    return try OutputError.wrapping(
      try readAll(min(limit, member.size), at: member.data, from: descriptor, self.path))
  }

  func place(of path: String) -> (path: String, part: Range<Int>?) {
    guard let member = member(path) else { return (path, nil) }
    return (self.path, member.data..<member.data + member.size)
  }

  // === Records ===

  func stage(_ job: Job, _ paths: [String]) throws(OutputError) -> [StagedResult] {
    underWay.insert(Self.hash(job))
    begun.begin(Array(underWay))
    var staged: [StagedResult] = []
    for path in paths {
      let file = try OutputError.wrapping(
        try UnfinishedFile(for: self.path, in: temporaryFiles, removingAbandoned: false))
      staged.append(StagedResult(path: path, file: file))
    }
    return staged
  }

  private static func hash(_ job: Job) -> UInt64 { shortHash(job.name.utf8) }

  private func end(_ row: SummaryRow) { underWay.remove(shortHash(row.protein.name.utf8)) }

  func killed(_ jobs: [Job], isOwn: (Int) -> Bool) -> Set<String> {
    Set(jobs.indices.filter { isOwn($0) && begun.wasKilled(at: Self.hash(jobs[$0])) }.map { jobs[$0].name })
  }

  func commit(_ staged: [StagedResult], _ row: SummaryRow) throws(OutputError) {
    end(row)
    // In the order of their names, whatever was asked for first.
    let named = staged.map { (name: String($0.path.dropFirst(path.count + 1)), file: $0.file) }
      .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var sizes: [Int] = []
    for (_, file) in named {
      sizes.append(try OutputError.wrapping(try FileStatus(descriptor: file.descriptor, path: path)).size)
    }
    let line = Array(row.line.utf8)
    try append(openEnd) { (writer) throws(SystemError) in
      var members: [TarResults.Member] = []
      writer.begin()
      for ((name, file), size) in zip(named, sizes) where try !self.has(name, size, file.descriptor) {
        members.append(try writer.put(name, size: size, from: file.descriptor, at: 0))
      }
      let places = try writer.putRow(line)
      return (self.record(row, line.count, places, next: writer.position, members.count), members)
    }
  }

  private func record(
    _ row: SummaryRow, _ lineCount: Int, _ places: (comment: Int, line: Int), next: Int, _ members: Int
  ) -> TarResults.Record {
    let first = Int32(clamping: results.members.count)
    var isFolded = false
    if case .folded = row.outcome { isFolded = true }
    return TarResults.Record(
      name: shortHash(TableField.escaped(row.protein.name).utf8), start: results.end, comment: places.comment,
      next: next, line: places.line, lineCount: Int32(clamping: lineCount),
      members: first..<first + Int32(clamping: members), isFolded: isFolded)
  }

  /// Whether a file is there already, byte for byte, as when a format is added and the others are made again.
  private func has(_ name: String, _ size: Int, _ file: Int32) throws(SystemError) -> Bool {
    guard let member = results.member(name.utf8), member.size == size else { return false }
    var done = 0
    while done < size {
      let count = min(1 << 20, size - done)
      let found = try readAll(count, at: member.data + done, from: descriptor, path)
      guard found.count == count, try readAll(count, at: done, from: file, path) == found else { return false }
      done += count
    }
    return true
  }

  func commitFailure(_ row: SummaryRow) throws(OutputError) {
    end(row)
    guard !hasStructure(row.protein.name) else { return }
    // A run that is started again does not add the same failures again.
    let last = results.record(TableField.escaped(row.protein.name).utf8)
    if let last, !last.isFolded, SummaryLayout.areSame(try line(last), Array(row.line.utf8)) { return }
    let line = Array(row.line.utf8)
    try append(openEnd) { (writer) throws(SystemError) in
      writer.begin()
      let places = try writer.putRow(line)
      return (self.record(row, line.count, places, next: writer.position, 0), [])
    }
  }

  private func line(_ record: TarResults.Record) throws(OutputError) -> [UInt8] {
    try OutputError.wrapping(try readAll(Int(record.lineCount), at: record.line, from: descriptor, path))
  }

  // === Bytes ===

  /// Appends what `body` writes, and an end behind it; what cannot be written as a whole is cut off again.
  private func append(
    _ end: [UInt8], _ body: (TarWriter) throws(SystemError) -> (TarResults.Record, [TarResults.Member])?
  ) throws(OutputError) {
    let start = results.end
    try checkOwn()
    do throws(SystemError) {
      try open()
      let writer = TarWriter(descriptor, path, at: start, holds: openEnd.count)
      let added = try body(writer)
      try writer.put(end)
      size = writer.position
      try writer.finish { (write) throws(SystemError) in
        // A signal waits.
        try temporaryFiles.commit([], then: { () throws(SystemError) in try write() })
      }
      results.reader.forget()
      if let (record, members) = added { results.add(record, members) } else { results.close() }
    } catch {
      if isOpen {
        _ = openEnd.withUnsafeBytes { writeAll($0, to: descriptor, at: start) }
        ftruncate(descriptor, off_t(start + openEnd.count))
        size = start + openEnd.count
      }
      throw .system(error)
    }
    try checkOwn()
  }

  /// Throws unless the path still leads to the file that is written, and nobody else has written to it.
  private func checkOwn() throws(OutputError) {
    let found = try OutputError.wrapping(try FileStatus(descriptor: descriptor, path: path))
    if found.size == size, FileIdentity(path) == found.identity { return }
    isReplaced = true
    throw FileStatus.kind(of: path) == nil ? .gone(path: path) : .inUse(path: path)
  }

  /// Puts the end of an open tar in the place of what is behind the last record: a summary, or what a kill has left.
  private func open() throws(SystemError) {
    guard !isOpen else { return }
    let start = results.end, end = start + openEnd.count
    let code = openEnd.withUnsafeBytes { writeAll($0, to: descriptor, at: start) }
    guard code == 0 else { throw SystemError(path: path, action: "write", code: code) }
    isOpen = true
    size = end
    guard ftruncate(descriptor, off_t(end)) == 0 else { throw SystemError(path: path, action: "cut") }
    try synchronize(descriptor, path)
  }

  // === The end ===

  func finish(_ names: [String], isComplete: Bool) throws(OutputError) {
    // What was not kept has been reported.
    if isReplaced { return }
    if isComplete, try needsOrder(names) {
      do {
        return try rewrite(names)
      } catch {
        // Twice the space for a moment; where that is not there, the tar is valid as it is, and the next run tries again.
        let error = Self.outputError(error)
        guard error.isDiskFull else { throw error }
      }
    }
    if !results.isClosed { try appendSummary() }
  }

  /// Whether the tar differs from that of a run that was never interrupted: files were replaced, or folds are in another order
  /// than their records in the input.
  private func needsOrder(_ names: [String]) throws(OutputError) -> Bool {
    if results.hasSuperseded { return true }
    var last = -1
    for name in names {
      guard let record = results.record(name.utf8), record.isFolded else { continue }
      if record.start < last { return true }
      last = record.start
    }
    return false
  }

  private static func outputError(_ error: any Error) -> OutputError {
    if case .system(let failed) = error as? ResultsError { return .system(failed) }
    return OutputError(error)
  }

  private func rewrite(_ names: [String]) throws {
    let file = try OutputError.wrapping(try UnfinishedFile(for: path, in: temporaryFiles))
    var merged = MergedTar()
    try merged.add(results)
    try merged.write(merged.order(names), summary: summaryName, to: file)
    try checkOwn()
    try OutputError.wrapping(try file.commit())
    results.close()
  }

  private func appendSummary() throws(OutputError) {
    let records = results.liveRecords
    let head = Array(SummaryRow.head.utf8), size = records.reduce(head.count) { $0 + Int($1.lineCount) }
    try append(TarHeader.end) { (writer) throws(SystemError) in
      try writer.put(TarHeader.file(self.summaryName, size: size))
      try writer.put(head)
      var piece: [UInt8] = []
      for record in records {
        piece += try readAll(Int(record.lineCount), at: record.line, from: self.descriptor, self.path)
        if piece.count > 1 << 18 {
          try writer.put(piece)
          piece = []
        }
      }
      try writer.put(piece)
      try writer.pad(size)
      return nil
    }
  }
}
