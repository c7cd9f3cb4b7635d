// Tars of folds as one: records with their files and lines, then the summary.

import Glibc
import Platform

/// Tars that become one, or one that is put in order. Of each record is known where its files are.
struct MergedTar {
  private var tars: [TarResults] = []
  private var table = MergedTable(.summary)
  /// Files by the hashes of their names.
  private var places: [UInt64: File] = [:]
  /// The files of each record, in the order of the records; sorted when they are written.
  private var files: [(record: Int32, file: File)] = []

  private struct File {
    let tar: Int32, member: Int32
  }

  var count: Int { table.count }
  /// How many files there are.
  var fileCount: Int { files.count }

  /// Adds a tar, whose records are compared with their digests.
  ///
  /// - Throws: `ResultsError` when something is not as it was written, or differs from the tars before.
  mutating func add(_ tar: TarResults) throws(ResultsError) {
    let number = Int32(clamping: tars.count)
    tars.append(tar)
    try table.add(tar)
    for record in tar.records {
      let members = record.members.filter { tar.counts(Int($0)) }
      guard !members.isEmpty, let place = table.place(record.name) else { continue }
      do throws(TarError) {
        guard try tar.isWhole(record) else { throw .changed(path: tar.path, record: table.name(place)) }
      } catch {
        throw .unreadable(error)
      }
      for index in members {
        let file = File(tar: number, member: index), name = tar.members[Int(index)].name
        if let other = places[name] {
          try compare(other, file)
        } else {
          places[name] = file
          files.append((Int32(clamping: place), file))
        }
      }
    }
  }

  private func member(_ file: File) -> TarResults.Member { tars[Int(file.tar)].members[Int(file.member)] }

  private func name(_ file: File) throws(ResultsError) -> String {
    let tar = tars[Int(file.tar)], member = member(file)
    do throws(SystemError) {
      if case .entry(let entry) = try tar.reader.place(at: member.start, fileSize: member.next),
        case .file(let name) = entry.content
      {
        return String(decoding: name, as: UTF8.self)
      }
    } catch {
      throw .system(error)
    }
    throw .noTable(path: tar.path, found: "fewer bytes than before", expected: "a tar that nobody writes")
  }

  /// Throws when two files of one name differ.
  private func compare(_ one: File, _ other: File) throws(ResultsError) {
    guard try digest(one) != digest(other) else { return }
    throw .different(
      name: try name(one), first: tars[Int(one.tar)].path, second: tars[Int(other.tar)].path, what: "files that differ")
  }

  private func digest(_ file: File) throws(ResultsError) -> Digest {
    let tar = tars[Int(file.tar)], member = member(file)
    var digest = RunningDigest(), done = 0
    do throws(SystemError) {
      while done < member.size {
        let piece = try readAll(
          min(1 << 20, member.size - done), at: member.data + done, from: tar.reader.descriptor, tar.path)
        if piece.isEmpty { break }
        piece.withUnsafeBytes { digest.update($0) }
        done += piece.count
      }
    } catch {
      throw .system(error)
    }
    return digest.finish()
  }

  // === Writing ===

  /// The order in which a single run writes records: that of the input, or else that of the names.
  func order(_ input: AskedInput?, _ report: MergeReport) throws(ResultsError) -> [Int] {
    try table.order(input, report)
  }

  /// These records in this order, behind those that the tar has besides.
  func order(_ names: [String]) -> [Int] {
    let own = names.compactMap { table.place(shortHash(TableField.escaped($0).utf8)) }, isOwn = Set(own)
    return (0..<table.count).filter { !isOwn.contains($0) } + table.ranked(own)
  }

  /// Writes a tar, which is read back.
  ///
  /// - Parameters:
  ///   - order: The records.
  ///   - summary: The name of the summary.
  ///   - output: The file, which is not committed.
  ///   - progress: Told how many records are written.
  /// - Throws: `ResultsError` when something cannot be read or written, or a fold lacks its structure.
  func write(
    _ order: [Int], summary: String, to output: UnfinishedFile, progress: (Int) -> Void = { _ in }
  ) throws {
    let writer = TarWriter(output.descriptor, output.target, at: 0),
      files = files.sorted {
        ($0.record, $0.file.tar, $0.file.member) < ($1.record, $1.file.tar, $1.file.member)
      }
    var first = [Int](repeating: files.count, count: table.count + 1)
    for (index, entry) in files.enumerated().reversed() { first[Int(entry.record)] = index }
    for record in (0..<table.count).reversed() { first[record] = min(first[record], first[record + 1]) }
    try wrapping { () throws(SystemError) in try writer.put(TarRow.beginning) }
    var size = SummaryRow.head.utf8.count
    for (done, record) in order.enumerated() {
      let line = try table.line(record)
      try write(files[first[record]..<first[record + 1]].map(\.file), line, writer)
      size += line.count
      progress(done)
    }
    try wrapping { () throws(SystemError) in
      try writer.put(TarHeader.file(summary, size: size))
      try writer.put(Array(SummaryRow.head.utf8))
    }
    for record in order {
      let line = try table.line(record)
      try wrapping { () throws(SystemError) in try writer.put(line) }
    }
    try wrapping { () throws(SystemError) in
      try writer.pad(size)
      try writer.put(TarHeader.end)
    }
    try MergeRun.check(output, writer.digestOfAll)
  }

  private func write(_ files: [File], _ line: [UInt8], _ writer: TarWriter) throws(ResultsError) {
    var named: [(name: String, file: File)] = []
    for file in files { named.append((try name(file), file)) }
    named.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let isFolded = line.withUnsafeBytes {
      SummaryLayout.current?.line(UnsafeRawBufferPointer(rebasing: $0.dropLast()))?.isFolded == true
    }
    if isFolded, !named.contains(where: { $0.name.hasSuffix(".pdb") || $0.name.hasSuffix(".cif") }) {
      let record = String(decoding: line.prefix { $0 != 9 }, as: UTF8.self)
      throw .damaged(
        path: tars.first?.path ?? "", name: record, found: "a fold without its structure",
        expected: "\(record).pdb or \(record).cif")
    }
    try wrapping { () throws(SystemError) in
      writer.begin()
      for (name, file) in named {
        let member = member(file)
        try writer.put(name, size: member.size, from: tars[Int(file.tar)].reader.descriptor, at: member.data)
      }
      try writer.putRow(line)
    }
  }

  private func wrapping(_ body: () throws(SystemError) -> Void) throws(ResultsError) {
    do throws(SystemError) {
      try body()
    } catch {
      throw .system(error)
    }
  }
}
