// A store of results for several threads, of which one at a time may use it.

import Synchronization

/// Lets one thread at a time use another store.
final class SerialStore: FoldStore {
  private let store: any FoldStore
  private let turn = Mutex(())

  let path: String

  /// - Parameter store: Nobody else uses it.
  init(_ store: any FoldStore) {
    self.store = store
    path = store.path
  }

  func size(of path: String) throws(OutputError) -> Int? {
    try turn.withLock { _ throws(OutputError) in try store.size(of: path) }
  }

  func read(_ path: String, atMost limit: Int) throws(OutputError) -> [UInt8] {
    try turn.withLock { _ throws(OutputError) in try store.read(path, atMost: limit) }
  }

  func place(of path: String) -> (path: String, part: Range<Int>?) { turn.withLock { _ in store.place(of: path) } }

  func stage(_ job: Job, _ paths: [String]) throws(OutputError) -> [StagedResult] {
    try turn.withLock { _ throws(OutputError) in try store.stage(job, paths) }
  }

  func killed(_ jobs: [Job], isOwn: (Int) -> Bool) -> Set<String> {
    turn.withLock { _ in store.killed(jobs, isOwn: isOwn) }
  }

  func commit(_ results: [StagedResult], _ row: SummaryRow) throws(OutputError) {
    try turn.withLock { _ throws(OutputError) in try store.commit(results, row) }
  }

  func commitFailure(_ row: SummaryRow) throws(OutputError) {
    try turn.withLock { _ throws(OutputError) in try store.commitFailure(row) }
  }

  func finish(_ names: [String], isComplete: Bool) throws(OutputError) {
    try turn.withLock { _ throws(OutputError) in try store.finish(names, isComplete: isComplete) }
  }
}
