// Where the results of `fold` go: files of a folder, or those in a tar.

import Platform

/// A result on its way to a path.
struct StagedResult {
  let path: String
  let file: UnfinishedFile
}

/// Where results are: read to find out what is finished, and written to.
///
/// A result has a path also in a tar: that of the tar, then its name there.
protocol FoldStore: AnyObject {
  /// The folder or the tar.
  var path: String { get }

  /// Bytes of the file at a path; nil where there is none.
  ///
  /// - Throws: `OutputError.foreignResult` when it is something else than a file.
  func size(of path: String) throws(OutputError) -> Int?
  /// The first bytes of a file.
  func read(_ path: String, atMost limit: Int) throws(OutputError) -> [UInt8]
  /// Whether a file has its end.
  func isWhole(_ path: String, _ kind: FoldFile) throws(OutputError) -> Bool
  /// Where the bytes of a file are: in which file, and which of that; nil for all.
  func place(of path: String) -> (path: String, part: Range<Int>?)

  /// Notes that a record is being computed, and makes empty files for its results.
  func stage(_ job: Job, _ paths: [String]) throws(OutputError) -> [StagedResult]
  /// The names of the records that killed runs were at; what they have left is removed.
  func killed(_ jobs: [Job], isOwn: (Int) -> Bool) -> Set<String>
  /// Makes results count, together with the line of the summary.
  func commit(_ results: [StagedResult], _ row: SummaryRow) throws(OutputError)
  /// Adds the line of a record that could not be folded, unless it has a structure.
  func commitFailure(_ row: SummaryRow) throws(OutputError)
  /// The record whose line of the summary was found cut off.
  var cutName: String? { get }
  /// Those of some records with results of which no summary has a line, and whether there are summaries of shards, which
  /// are joined by their lines.
  func withoutLine(_ names: [String]) -> (names: [String], hasShards: Bool)
  /// Ends a run.
  ///
  /// - Parameters:
  ///   - names: Those of the run's records, in the order of the input, which is that of the summary then.
  ///   - isComplete: Whether each of them has its results or the reason why not.
  /// - Throws: `OutputError` when that cannot be written; results stay.
  func finish(_ names: [String], isComplete: Bool) throws(OutputError)
}

extension FoldStore {
  // In a tar a line and its files go together.
  var cutName: String? { nil }
  func withoutLine(_ names: [String]) -> (names: [String], hasShards: Bool) { ([], false) }
  // What is in it has a length; a tar that was cut has lost the file and what follows.
  func isWhole(_ path: String, _ kind: FoldFile) throws(OutputError) -> Bool { true }

  /// The path of a result.
  func path(of name: String) -> String { "\(path)/\(name)" }

  /// Whether any structure of a protein is there.
  func hasStructure(_ protein: String) -> Bool {
    FoldFile.allCases.contains {
      let path = path(of: protein + $0.ending)
      return $0.isStructure && ((try? size(of: path)) ?? nil) ?? 0 > 0
    }
  }
}
