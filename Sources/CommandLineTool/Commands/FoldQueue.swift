// The proteins of a run, several at a time: what is begun when, and what becomes of each.

import ESMFoldKit
import Glibc
import Platform
import Synchronization

/// Folds the tasks of a run.
///
/// Results and messages appear as proteins are finished; the end of the run puts the summary into the order of the input.
struct FoldQueue {
  private let run: FoldRun
  private let tasks: [FoldTask]
  private let model: ESMFold
  private let schedule: FoldSchedule

  /// How many proteins are folded at the same time at most.
  var jobs: Int { schedule.jobs }

  /// - Parameters:
  ///   - run: Whose tasks they are.
  ///   - tasks: In the order in which they are begun.
  ///   - begun: How many of the last ones a killed run was at: they run alone.
  ///   - model: The model.
  init(_ run: FoldRun, _ tasks: [FoldTask], begun: Int, _ model: ESMFold) {
    self.run = run
    self.tasks = tasks
    self.model = model
    let kept = run.options.kept
    schedule = FoldSchedule(
      tasks.enumerated().map { index, task in
        FoldSchedule.Record(cost: Self.cost(task), isAlone: index >= tasks.count - begun)
      },
      jobs: min(run.options.jobs ?? model.threadCount, Self.jobs(withFilesOf: tasks)), threads: model.threadCount,
      bytesToShare: model.bytesToShare
    ) { record, threads in
      model.bytes(of: tasks[record].samples[0].request, keeping: kept, threads: threads)
    }
  }

  /// For how many at a time the process may have enough files open: all of a protein are open until the last one is complete.
  private static func jobs(withFilesOf tasks: [FoldTask]) -> Int {
    guard let task = tasks.first, let limit = ResourceLimit.current(RLIMIT_NOFILE) else { return Int.max }
    // Options decide how many files there are, so each protein has as many.
    return max(1, (limit - filesOfProgram) / (task.fileCount + filesBesideResults))
  }

  /// What the program has open by itself, generously, and what a protein needs for moments beside its results.
  private static let filesOfProgram = 16, filesBesideResults = 2

  private static func cost(_ task: FoldTask) -> Double {
    RecordCost.folding.of(task.samples[0].request.lengthWithLinkers)
  }

  /// Folds all of them.
  func foldAll(_ counts: inout FoldRun.Counts) {
    let display = FoldDisplay(count: tasks.count, isOneByOne: jobs == 1, run.diagnostics)
    let ahead = ReadAhead(model, count: tasks.count) { tasks[$0].samples[0].request }
    let outcomes = Mutex((counts: FoldRun.Counts(), end: String?.none))
    let notBegun = schedule.run(isWanted: { record in
      guard let limit = run.limit, !limit.admits(Self.cost(tasks[record])) else { return true }
      ahead.drop(record)
      display.leave()
      outcomes.withLock { $0.counts.left += 1 }
      return false
    }) { turn in
      let (outcome, reason) = fold(turn, ahead, display) { count in outcomes.withLock { count(&$0.counts) } }
      if let reason { outcomes.withLock { $0.end = reason } }
      return outcome
    }
    outcomes.withLock { outcomes in
      counts.folded += outcomes.counts.folded
      counts.failed += outcomes.counts.failed
      counts.left += outcomes.counts.left
      guard let reason = outcomes.end else { return }
      counts.isStopped = true
      counts.failed += notBegun
      if notBegun > 0 {
        run.diagnostics.error("stopped because \(reason): \(notBegun) more were not folded")
      }
    }
  }

  /// Folds one.
  ///
  /// - Returns: How it ended, and why no further one can be folded if so.
  private func fold(
    _ turn: FoldSchedule.Turn, _ ahead: ReadAhead, _ display: FoldDisplay,
    counting: (_ count: (inout FoldRun.Counts) -> Void) -> Void
  ) -> (FoldSchedule.Outcome, reason: String?) {
    let task = tasks[turn.record], start = run.limit?.begin()
    defer { display.end(turn.record) }
    // Before the work: they tell the next run what this one was at when it was killed.
    let files = Result { try run.store.stage(task.job, task.samples[0].files.paths) }
    let states = ahead.states(turn.record, threads: turn.threads)
    do {
      let (result, ensemble) = try run.fold(task, states: states, to: files, turn, display, model)
      counting { $0.folded += 1 }
      if let start { run.limit?.finish(Self.cost(task), begun: start) }
      run.report(task.job, display.finish(turn.record), result, ensemble)
      return (.finished, nil)
    } catch {
      if turn.hasCompany, let error = error as? ModelError, error.meansLackOfMemory { return (.needsAllMemory, nil) }
      counting { $0.failed += 1 }
      display.fail()
      run.fail(task.job, model, Hints.message(of: error))
      guard let reason = Self.reasonToStop(error) else { return (.finished, nil) }
      return (.endsRun, reason)
    }
  }

  /// Why no further protein can be folded after an error.
  private static func reasonToStop(_ error: any Error) -> String? {
    switch error as? OutputError {
    case .inUse: return "another process writes the results"
    case .gone: return "what it writes has been removed"
    case let error? where error.isDiskFull: return "the disk is full"
    default: break
    }
    if let error = error as? ModelError, error.meansChangedModel { return "the model has changed" }
    return nil
  }
}
