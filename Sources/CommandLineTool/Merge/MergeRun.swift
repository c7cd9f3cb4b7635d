// Merging of files, and of tables within a folder.

import ESMFoldKit
import Glibc
import Platform
import Protein

/// A run of `esmfold merge`.
struct MergeRun {
  let options: MergeOptions
  let context: CommandContext

  /// Takes what lacks.
  let report: MergeReport

  init(_ options: MergeOptions, _ context: CommandContext) {
    (self.options, self.context) = (options, context)
    report = MergeReport(context.diagnostics, isPartial: options.isPartial)
  }

  private var diagnostics: Diagnostics { context.diagnostics }

  /// - Throws: `ResultsError.missingShards` when a number lacks among the files.
  func checkShards(_ files: [String], _ path: String) throws(ResultsError) {
    let names = files.compactMap { ShardName($0.lastComponent) }, missing = ShardName.missing(names)
    guard !missing.isEmpty else { return }
    guard options.isPartial else {
      throw .missingShards(path: path, names: missing, complete: ShardName.complete(names))
    }
    diagnostics.warning("\(visiblePath(path)): found nothing of \(counted(missing.count, "shard")), expected all")
  }

  // === Files ===

  /// Joins HDF5 files, tars of folds, or tables.
  func mergeFiles(_ files: [String], to output: String) throws {
    let files = files.inShardOrder
    // Without --output, what the file has is joined with its shards, and it is replaced.
    let inputs = options.output == nil ? files.filter { $0 != output } : files
    try OutputPath.check(output, inputs: inputs + options.fasta)
    if output.exists, !options.overwrites {
      throw ResultsError.occupied(path: output, found: "a file", hint: "--overwrite replaces it")
    }
    try checkShards(files, output)
    let ending = ending(of: files)
    try ending.check(output, MergeOptions.output.description)
    let file = try OutputError.wrapping(try UnfinishedFile(for: output, in: context.temporaryFiles))
    let count: Int
    switch ending {
    case .hdf5:
      let input = options.asked(.identifiers, .tokens)
      if input != nil { report.places = [try ArrayFiles(files)] }
      var arrays = MergedArrays()
      for path in files { try arrays.add(path) }
      do {
        try arrays.write(to: file, inOrderOf: input, report)
      } catch let error as ResultsError {
        throw error
      } catch {
        throw OutputError(error)
      }
      count = arrays.count
    case .tar:
      count = try mergeTars(files, into: file)
      try OutputError.wrapping(try file.commit())
    default:
      count = try mergeTables(files, into: file).count
      try OutputError.wrapping(try file.commit())
    }
    diagnostics.note(
      "merged \(counted(count, "record")) of \(counted(files.count, "file")) into \(visiblePath(output))",
      event: "merged",
      [("records", .whole(count)), ("files", .whole(files.count))])
  }

  /// What becomes of some files.
  private func ending(of files: [String]) -> FileEnding {
    if files.allSatisfy(ResultPlaces.isHDF5) { return .hdf5 }
    if files.contains(where: Self.isTar) { return .tar }
    return switch files.first.flatMap({ TableKind($0) }) {
    case .json: .json
    case .table(.commas): .csv
    default: .tsv
    }
  }

  /// Also one that was killed before its beginning was written.
  private static func isTar(_ path: String) -> Bool { FoldOptions.isTar(path) || OpenTar.isOne(path) }

  /// Joins tars of folds.
  ///
  /// - Returns: how many records they have.
  private func mergeTars(_ paths: [String], into file: UnfinishedFile) throws -> Int {
    let tars = try paths.map { path throws(ResultsError) in try OpenTar(path, isLocked: true) }
    defer { withExtendedLifetime(tars) {} }
    var merged = MergedTar()
    for tar in tars {
      try merged.add(tar.results)
      if !tar.results.isClosed {
        report.lacks(
          "\(visiblePath(tar.results.path)): found a tar of a run that was interrupted, expected one that has ended")
      }
    }
    let input = TableKind.summary.input(options, isVectors: false)
    if input != nil {
      report.places = [try FoldFolder(tars: paths, PlaceOptions(verifies: true, settings: RunSettings()))]
    }
    try merged.write(try merged.order(input, report), summary: TarResults.summary, to: file) { done in
      diagnostics.progress(Double(done) / Double(max(1, merged.count)), "\(done) of \(merged.count) merged")
    }
    diagnostics.endProgress()
    return merged.count
  }

  /// Joins tables of one kind and writes them, checked by their digest.
  @discardableResult
  func mergeTables(_ paths: [String], into file: UnfinishedFile) throws -> MergedTable {
    let kinds = paths.map { TableKind($0) }
    guard let first = paths.first, let kind = kinds[0] else {
      throw ResultsError.noTable(
        path: paths[0], found: "another file", expected: "an HDF5 file, or a table: .tsv, .csv or .json")
    }
    if let place = kinds.firstIndex(where: { $0 != kind }) {
      throw ResultsError.noTable(
        path: paths[place], found: "another kind of file", expected: "one as \(visiblePath(first))")
    }
    var table = MergedTable(kind)
    for path in paths { try table.add(path) }
    var digest = RunningDigest()
    let input = kind.input(options, isVectors: table.isOfVectors)
    try table.write(inOrderOf: input, report) { (piece) throws(ResultsError) in
      piece.withUnsafeBytes { digest.update($0) }
      do throws(SystemError) {
        try file.append(piece)
      } catch {
        throw .system(error)
      }
    }
    try Self.check(file, digest.finish())
    return table
  }

  /// Reads a file back.
  static func check(_ file: UnfinishedFile, _ digest: consuming Digest) throws(ResultsError) {
    do throws(SystemError) {
      try synchronize(file.descriptor, file.target)
      guard try Digest(ofFile: file.path) == digest else {
        throw SystemError(path: file.target, action: "write", code: EIO)
      }
    } catch {
      throw .system(error)
    }
  }

  // === Tables of a folder ===

  /// Joins the tables of shards in a folder.
  func mergeTables(in folder: String) throws {
    let names = try FolderNames(folder)
    guard
      names.summaries.contains(where: { ShardName($0) != nil })
        || names.indices.contains(where: { ShardName($0) != nil })
    else {
      throw ResultsError.nothing(
        path: folder, expected: "summary.1-of-N.tsv or index.1-of-N.tsv",
        hint: "these are the tables of shards; FILE.h5 stands for the HDF5 files of shards")
    }
    for (tables, whole) in [(names.summaries, "summary.tsv"), (names.indices, "index.tsv")]
    where tables.contains(where: { ShardName($0) != nil }) {
      let paths = tables.inShardOrder.map { "\(folder)/\($0)" }, target = "\(folder)/\(whole)"
      try checkShards(paths, folder)
      let locks = try paths.map { path throws(OutputError) in try TableLock(path) }
      if whole == "index.tsv" { try settings(of: [(folder, names)], to: folder) }
      let file = try OutputError.wrapping(try UnfinishedFile(for: target, in: context.temporaryFiles))
      let table = try mergeTables(paths, into: file)
      try OutputError.wrapping(try file.commit())
      withExtendedLifetime(locks) {}
      diagnostics.note(
        "merged \(counted(table.count, "record")) of \(counted(paths.count, "table")) into \(visiblePath(target))",
        event: "merged",
        [("records", .whole(table.count)), ("files", .whole(paths.count))])
    }
  }

  /// Compares the settings of NumPy files, and writes them where they are not.
  func settings(of folders: [(path: String, names: FolderNames)], to output: String) throws {
    var first: (path: String, text: String)?
    for (folder, names) in folders {
      for name in names.settings {
        let path = "\(folder)/\(name)"
        let text = String(decoding: try OutputError.wrapping(try WholeFile.read(path, atMost: 1 << 20)), as: UTF8.self)
        guard let known = first else {
          first = (path, text)
          continue
        }
        guard ResultSettings.areSame(text, known.text) else {
          throw ResultsError.otherSettings(
            first: known.path, second: path, found: String(text.prefix { $0 != "\n" }),
            expected: String(known.text.prefix { $0 != "\n" }))
        }
      }
    }
    guard let first else {
      throw ResultsError.nothing(
        path: folders[0].path, expected: "settings.json", hint: "embed --format npy writes it beside the files")
    }
    let target = "\(output)/settings.json"
    guard !target.exists else { return }
    let file = try OutputError.wrapping(try UnfinishedFile(for: target, in: context.temporaryFiles))
    try OutputError.wrapping(try file.append(Array(first.text.utf8)))
    try OutputError.wrapping(try file.commit())
  }
}

/// The lock of a table that runs append to.
final class TableLock {
  private let descriptor: Int32

  /// - Throws: `OutputError.inUse` when a run has it for long, as that of an index.
  init(_ path: String) throws(OutputError) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(path: path, action: "open", code: errno) }
    // Runs that append a line to a summary have it for a moment only.
    for _ in 0..<50 {
      guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
      usleep(20_000)
    }
    close(descriptor)
    throw .inUse(path: path)
  }

  deinit {
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
