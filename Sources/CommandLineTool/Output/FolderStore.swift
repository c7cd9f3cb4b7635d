// A folder with the results of `fold`: a file for each, and the summary.

import Platform

/// A folder of results. Several threads may use it.
final class FolderStore: FoldStore {
  let path: String
  private let summary: SummaryFile
  /// The files being read, which must not be written to.
  private let inputs: Set<FileIdentity>
  private let temporaryFiles: TemporaryFiles

  /// - Parameters:
  ///   - path: The folder, which is created with its parents.
  ///   - cluster: Which part of the summary is this run's.
  ///   - inputs: The files being read.
  ///   - temporaryFiles: Remembers unfinished files.
  /// - Throws: `OutputError` when nothing can be written there.
  init(
    _ path: String, _ cluster: ClusterOptions, inputs: Set<FileIdentity>, _ temporaryFiles: TemporaryFiles
  ) throws(OutputError) {
    try OutputFolder.prepare(path, temporaryFiles)
    let summaryPath = cluster.path(of: path + "/summary.tsv")
    if let identity = FileIdentity(summaryPath), inputs.contains(identity) { throw .isInput(path: summaryPath) }
    (self.path, self.inputs, self.temporaryFiles) = (path, inputs, temporaryFiles)
    summary = try SummaryFile(summaryPath)
  }

  func size(of path: String) throws(OutputError) -> Int? {
    guard let status = try? FileStatus(of: path) else { return nil }
    guard status.kind == .file else { throw .foreignResult(path: path) }
    return status.size
  }

  func read(_ path: String, atMost limit: Int) throws(OutputError) -> [UInt8] {
    try OutputError.wrapping(try WholeFile.read(path, atMost: limit))
  }

  func isWhole(_ path: String, _ kind: FoldFile) throws(OutputError) -> Bool {
    try OutputError.wrapping(try kind.isWhole(at: path))
  }

  func place(of path: String) -> (path: String, part: Range<Int>?) { (path, nil) }

  func stage(_ job: Job, _ paths: [String]) throws(OutputError) -> [StagedResult] {
    var staged: [StagedResult] = []
    for path in paths {
      if let identity = FileIdentity(path), inputs.contains(identity) { throw .isInput(path: path) }
      let file = try OutputError.wrapping(try UnfinishedFile(for: path, in: temporaryFiles, removingAbandoned: false))
      staged.append(StagedResult(path: path, file: file))
    }
    return staged
  }

  func killed(_ jobs: [Job], isOwn: (Int) -> Bool) -> Set<String> {
    // Files of other shards are theirs: whether they are being written is not known on every file system.
    let names = Set(jobs.map(\.name)), own = Set(jobs.indices.filter(isOwn).map { jobs[$0].name })
    let left = UnfinishedFile.removeAbandoned(in: path) { file in
      FoldTask.proteins(ofFile: file).first(where: names.contains).map(own.contains) ?? false
    }
    return Set(left.flatMap(FoldTask.proteins))
  }

  func commit(_ results: [StagedResult], _ row: SummaryRow) throws(OutputError) {
    // The line comes first: the next run skips results that are there, and would never write it; it replaces a line that has no
    // results.
    try temporaryFiles.commit(results.map(\.file), first: { () throws(OutputError) in try summary.append(row) })
  }

  func commitFailure(_ row: SummaryRow) throws(OutputError) {
    // A line about the file of an earlier run, or of another process, stays true.
    try summary.append(row, if: { !hasStructure(row.protein.name) })
  }

  var cutName: String? { summary.cutName }

  func withoutLine(_ names: [String]) -> (names: [String], hasShards: Bool) {
    var lacking = (try? summary.lacking(names)) ?? [], hasShards = false
    guard !lacking.isEmpty, let files = try? Folder.names(in: path) else { return (lacking, false) }
    // They may be in those of other shards, or of a run without any.
    for file in files where ShardName.isPart(file, of: "summary.tsv") {
      if ShardName(file) != nil { hasShards = true }
      var others: Set<UInt64> = []
      try? LineFile(self.path(of: file)).forEachSummaryLine { (line, _, _) in others.insert(shortHash(of: line.name)) }
      lacking.removeAll { others.contains(shortHash($0.utf8)) }
    }
    return (lacking, hasShards)
  }

  /// Puts the summary into the order of the input: proteins are not finished in it when several are folded at a time, and those
  /// of earlier runs may have failed in between.
  func finish(_ names: [String], isComplete: Bool) throws(OutputError) {
    do throws(OutputError) {
      try summary.sort(names)
    } catch {
      // It is complete as it is, and where there is no room for a second one the next run tries again.
      guard error.isDiskFull else { throw error }
    }
  }
}
