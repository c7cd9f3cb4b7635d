// The first and the last message of a run.

import ESMFoldKit
import Platform

extension CommandContext {
  /// Says what a run is about to do: with which version and model, on how many threads, with how much memory, and which part
  /// of the input. For people only in a cluster; otherwise with `--verbose`.
  func begin(_ model: String, threads: Int, jobs: Int = 1, _ share: Share?) {
    warnOfSurplus(threads: threads)
    let origin = JobOrigin(environment), isForAll = share != nil || origin.job != nil || diagnostics.format == .json
    guard isForAll || diagnostics.level == .verbose else { return }
    let memory = SystemInfo.availableMemory
    let message =
      "esmfold \(programVersion): \(model), \(threads) \(threads == 1 ? "thread" : "threads"), "
      + (jobs > 1 ? "up to \(jobs) proteins at a time, " : "")
      + "\(byteCount(memory)) available"
      + (share.map { "; shard \($0.shard.words): \($0.words)" } ?? "") + "; \(origin.words)"
    var fields: [(String, LogValue)] = [
      ("version", .text(programVersion)), ("model", .text(model)), ("threads", .whole(threads)),
      ("jobs", .whole(jobs)), ("memory_bytes", .whole(memory)),
    ]
    if let share { fields += [("records", .whole(share.records)), ("own_records", .whole(share.ownRecords))] }
    if isForAll {
      diagnostics.note(message, event: "begin", fields)
    } else {
      diagnostics.detail(message, event: "begin", fields)
    }
  }

  /// Says that more threads were asked for than this process may use at once, if that is so.
  func warnOfSurplus(threads: Int) {
    let limits = SystemInfo.threadLimits
    guard let most = limits.least, threads > most else { return }
    diagnostics.warning(
      "threads: found \(threads), expected no more than the \(counted(most, "processor")) that this process may use "
        + "(\(limits.narrowest)): they wait for each other")
  }

  /// Tells of the shard in every line of a log, and in the last one of text if a signal ends the program.
  func announce(_ cluster: ClusterOptions) {
    if let shard = cluster.shard { diagnostics.addToEveryLine([("shard", .text(shard.words))]) }
    diagnostics.setPlace(place(of: cluster))
  }

  /// `; shard 2/4; node n1, job 15_2`, or nothing where there is neither a shard nor a job.
  private func place(of cluster: ClusterOptions) -> String {
    let origin = JobOrigin(environment), shard = cluster.shard.map { "; shard \($0.words)" }
    return shard != nil || origin.job != nil ? (shard ?? "") + "; \(origin.words)" : ""
  }

  /// The last message of a run.
  ///
  /// - Parameters:
  ///   - counts: Records by outcome, the failed ones as `failed`, and whether people are told when there are none.
  ///   - left: Records for which the time does not suffice.
  ///   - seconds: How long it took.
  ///   - cluster: The shard and the limit.
  /// - Returns: The exit status.
  func end(
    _ counts: [(name: String, count: Int, isAlwaysSaid: Bool)], left: Int, seconds: Double, _ cluster: ClusterOptions
  ) -> Int32 {
    let place = place(of: cluster)
    let all = counts + (left > 0 ? [("left", left, true)] : [])
    diagnostics.note(
      all.filter { $0.isAlwaysSaid || $0.count > 0 }.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
        + " in \(fixed(seconds, 2)) s; "
        + "peak memory \(byteCount(ProcessMemory.peak))" + place,
      event: "end",
      all.map { ($0.name, .whole($0.count)) } + [
        ("seconds", .decimal(seconds, 3)), ("peak_bytes", .whole(ProcessMemory.peak)),
      ])
    if left > 0, let minutes = cluster.timeLimit {
      diagnostics.note(TimeLimit.remark(minutes: minutes, left: left), event: "time_limit", [("left", .whole(left))])
      return ExitStatus.workLeft
    }
    return counts.contains { $0.name == "failed" && $0.count > 0 } ? ExitStatus.failed : ExitStatus.done
  }
}
