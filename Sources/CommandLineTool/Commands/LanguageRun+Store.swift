// Results of all records of the input in a store, what is there already included.

import Platform

extension LanguageRun {
  /// Fills a store and completes it; a run that finished no record leaves no trace, unless it is a shard: who merges it with the
  /// others sees by its file that it has ended.
  ///
  /// - Parameters:
  ///   - store: the store.
  ///   - path: its path, for messages.
  ///   - verb: what is done, for the last message.
  ///   - read: reads the records and appends their results; it also appends the hash of every record of the input to the
  ///     list, in order. The run that it is given notes what it is computing.
  /// - Returns: the exit status.
  func fill(
    _ store: any ResultStore, at path: String, doing verb: String,
    _ read: (_ run: LanguageRun, _ order: inout [UInt64]) -> Counts
  ) -> Int32 {
    var run = self
    run.begun = BegunRecords(beside: store.path, context.temporaryFiles)
    let diagnostics = context.diagnostics
    if store.count > 0 { diagnostics.note("continuing: \(store.count) finished before") }
    var order: [UInt64] = []
    var counts = read(run, &order)
    // Records that are left keep a file from being complete: finished ones wait for the next run.
    let isEmpty = counts.done + counts.skipped == 0 && input.share == nil
    if counts.isCut || counts.left > 0 || diagnostics.outputError != 0 || isEmpty {
      store.abandon()
      return finish(counts, doing: verb)
    }
    do throws(OutputError) {
      try store.finish(order: order)
      if counts.done == 0, counts.skipped > 0, counts.failed == 0, store.interrupted.isEmpty {
        diagnostics.note("\(visiblePath(path)) has the results of all records; --overwrite computes them again")
      }
    } catch {
      diagnostics.error(error)
      counts.failed += 1
    }
    return finish(counts, doing: verb)
  }
}
