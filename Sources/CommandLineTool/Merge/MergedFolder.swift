// Folders of several shards as one: files are linked or copied, tables merged.

import ESMFoldKit
import Glibc
import Platform

/// Folders that become one.
struct MergedFolder {
  private let folders: [(path: String, names: FolderNames)]
  private let run: MergeRun

  init(_ paths: [String], _ run: MergeRun) throws(ResultsError) {
    self.run = run
    var folders: [(path: String, names: FolderNames)] = []
    for path in paths { folders.append((path, try FolderNames(path))) }
    self.folders = folders
  }

  /// What was made of the files in the folders.
  private struct Counts {
    var files = 0, others = 0
    var arrays = ArrayFileSizes()
  }

  /// Endings of result files.
  private static let endings =
    (FoldFile.allCases.map(\.ending) + [EnsembleTables.samplesEnding, EnsembleTables.fluctuationsEnding, ".npy"]).map {
      Array($0.utf8)
    }

  /// Fills a new folder, which gets its name when it is complete.
  func write(to output: String) throws {
    let diagnostics = run.context.diagnostics
    try FileEnding.folder.check(output, MergeOptions.output.description)
    for (path, names) in folders where names.summaries.isEmpty && names.indices.isEmpty {
      throw ResultsError.nothing(
        path: path, expected: "summary.tsv or index.tsv, perhaps of a shard",
        hint: "a folder of results has one of them")
    }
    if let identity = FileIdentity(output), folders.contains(where: { FileIdentity($0.path) == identity }) {
      throw OutputError.isInput(path: output)
    }
    if output.exists {
      guard output.isFolder else { throw ResultsError.occupied(path: output, found: "a file") }
      let names = try OutputError.wrapping(try Folder.names(in: output))
      guard names.isEmpty else { throw ResultsError.occupied(path: output, found: "a folder with files") }
    }
    let summaries = tables(\.summaries), indices = tables(\.indices)
    try run.checkShards(summaries, output)
    try run.checkShards(indices, output)
    let locks = try (summaries + indices).map { path throws(OutputError) in try TableLock(path) }
    defer { withExtendedLifetime(locks) {} }
    let unfinished = try OutputError.wrapping(
      try UnfinishedFolder(for: output, in: run.context.temporaryFiles))
    var files: [UInt64: Int32] = [:], counts = Counts(), records = 0
    for number in folders.indices { try link(number, to: unfinished.path, &files, &counts) }
    if !summaries.isEmpty {
      let table = try write(summaries, to: "\(unfinished.path)/summary.tsv")
      try checkStructures(of: table, files)
      records += table.count
    }
    if !indices.isEmpty {
      let table = try write(indices, to: "\(unfinished.path)/index.tsv")
      try checkArrays(of: table, files, counts.arrays)
      try run.settings(of: folders.filter { !$0.names.indices.isEmpty }, to: unfinished.path)
      records += table.count
    }
    try OutputError.wrapping(try unfinished.commit())
    if counts.others > 0 {
      diagnostics.note("left out \(counts.others) files that are no results of a record, such as reports")
    }
    diagnostics.note(
      "merged \(counted(records, "record")) of \(counted(folders.count, "folder")) into \(visiblePath(output)), "
        + counted(counts.files, "file"),
      event: "merged",
      [("records", .whole(records)), ("folders", .whole(folders.count)), ("files", .whole(counts.files))])
  }

  private func tables(_ kind: (FolderNames) -> [String]) -> [String] {
    folders.flatMap { folder in kind(folder.names).map { "\(folder.path)/\($0)" } }.inShardOrder
  }

  private func write(_ tables: [String], to path: String) throws -> MergedTable {
    let file = try OutputError.wrapping(try UnfinishedFile(for: path, in: run.context.temporaryFiles))
    let table = try run.mergeTables(tables, into: file)
    try OutputError.wrapping(try file.commit())
    return table
  }

  // === Files ===

  private func link(
    _ number: Int, to target: String, _ files: inout [UInt64: Int32], _ counts: inout Counts
  ) throws(ResultsError) {
    let (folder, names) = folders[number]
    var failure: ResultsError?
    func take(_ entry: Folder.Entry) throws(ResultsError) {
      guard entry.name[0] != UInt8(ascii: ".") else { return }
      let name = entry.name.text
      guard Self.endings.contains(where: { entry.name.ends(with: $0) }) else {
        if !names.contains(name) { counts.others += 1 }
        return
      }
      let path = "\(folder)/\(name)"
      guard let size = entry.sizeOfFile else {
        throw .noTable(path: path, found: "something else than a file", expected: "a result")
      }
      // What a kill has left.
      guard size > 0 else { return }
      let hash = shortHash(of: entry.name)
      if let other = files[hash] {
        let first = "\(folders[Int(other)].path)/\(name)"
        guard try Self.digest(first) == Self.digest(path) else {
          throw .different(name: name, first: first, second: path, what: "files that differ")
        }
        return
      }
      counts.arrays.note(entry)
      files[hash] = Int32(clamping: number)
      counts.files += 1
      try Self.link(path, to: "\(target)/\(name)")
    }
    do throws(SystemError) {
      try Folder.forEachName(in: folder) { entry in
        guard failure == nil else { return }
        do throws(ResultsError) {
          try take(entry)
        } catch {
          failure = error
        }
      }
    } catch {
      throw .system(error)
    }
    if let failure { throw failure }
  }

  private static func digest(_ path: String) throws(ResultsError) -> Digest {
    do throws(SystemError) {
      return try Digest(ofFile: path)
    } catch {
      throw .system(error)
    }
  }

  /// Makes a second name of a file, or a copy where that is not possible.
  private static func link(_ path: String, to target: String) throws(ResultsError) {
    // Result files are never changed in place, only replaced.
    if linkat(AT_FDCWD, path, AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 { return }
    guard [EXDEV, EPERM, EMLINK, EOPNOTSUPP, EACCES].contains(errno) else {
      throw .system(path: target, action: "link", code: errno)
    }
    do throws(SystemError) {
      try copy(path, to: target)
    } catch {
      throw .system(error)
    }
  }

  private static func copy(_ path: String, to target: String) throws(SystemError) {
    let source = open(path, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw SystemError(path: path, action: "open") }
    defer { close(source) }
    let copy = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard copy >= 0 else { throw SystemError(path: target, action: "create") }
    defer { close(copy) }
    var digest = RunningDigest(), place = 0
    while true {
      let piece = try readAll(1 << 20, at: place, from: source, path)
      if piece.isEmpty { break }
      let code = piece.withUnsafeBytes { bytes in
        digest.update(bytes)
        return writeAll(bytes, to: copy)
      }
      guard code == 0 else { throw SystemError(path: target, action: "write", code: code) }
      place += piece.count
    }
    try synchronize(copy, target)
    guard try Digest(ofFile: target) == digest.finish() else {
      throw SystemError(path: target, action: "write", code: EIO)
    }
  }

  // === Checks ===

  /// Every fold of the summary has its structure.
  private func checkStructures(of table: MergedTable, _ files: [UInt64: Int32]) throws(ResultsError) {
    try table.forEachLine { (line, path) throws(ResultsError) in
      let fields = line.fields
      guard fields.count > 8, fields[8].isText("ok") else { return }
      let name = fields[0].text
      guard [FoldFile.pdb, .cif].contains(where: { files[shortHash((name + $0.ending).utf8)] != nil }) else {
        throw .damaged(
          path: path, name: name, found: "a fold without its structure", expected: "\(name).pdb or \(name).cif")
      }
    }
  }

  /// Every array of the index has its file, with all its bytes.
  private func checkArrays(
    of table: MergedTable, _ files: [UInt64: Int32], _ sizes: ArrayFileSizes
  ) throws(ResultsError) {
    try table.forEachLine { (line, path) throws(ResultsError) in
      let fields = line.fields
      guard fields.count == 7, files[shortHash(of: fields[2])] != nil else {
        throw .damaged(
          path: path, name: fields[0].text, found: "an array without its file",
          expected: fields.count == 7 ? fields[2].text : "7 columns")
      }
      guard sizes.hasAll(fields[2], shape: fields[3].text, type: fields[4].text) else {
        throw .damaged(
          path: path, name: fields[0].text, found: "an array whose file is cut off",
          expected: "all of \(fields[2].text)")
      }
    }
  }
}
