// Several records at a time: which run together, in which order, on how many threads, with how much memory.

import ESMFoldKit
import Glibc
import Synchronization
import Tensors
import Testing

@Suite("Fold schedule") struct FoldScheduleTests {
  /// What a run did.
  private struct Log {
    var begun: [FoldSchedule.Turn] = []
    var running: Set<Int> = []
    var mostAtOnce = 0
    /// The records that each thread began.
    var byThread: [pthread_t: [Int]] = [:]
    /// Records that ran beside each record.
    var companions: [Int: Set<Int>] = [:]
    var order: [Int] { begun.map(\.record) }
  }

  /// Runs records of equal cost and returns what happened, and how many were not begun.
  private func run(
    costs: [Double], alone: Set<Int> = [], unwanted: Set<Int> = [], jobs: Int? = nil, threads: Int,
    memory: Int = 1000, bytes: [Int] = [],
    _ body: (FoldSchedule.Turn, () -> Log) -> FoldSchedule.Outcome = { _, _ in .finished }
  ) -> (Log, notBegun: Int) {
    let records = costs.enumerated().map { FoldSchedule.Record(cost: $1, isAlone: alone.contains($0)) }
    let schedule = FoldSchedule(records, jobs: jobs, threads: threads, bytesToShare: memory) { record, _ in
      bytes.isEmpty ? 1 : bytes[record]
    }
    let log = Mutex(Log()), pool = WorkerPool()
    _ = pool.start(threads - 1)
    let notBegun = schedule.run(on: pool, isWanted: { !unwanted.contains($0) }) { turn in
      log.withLock { log in
        log.begun.append(turn)
        log.byThread[pthread_self(), default: []].append(turn.record)
        for other in log.running {
          log.companions[other, default: []].insert(turn.record)
          log.companions[turn.record, default: []].insert(other)
        }
        log.running.insert(turn.record)
        log.mostAtOnce = max(log.mostAtOnce, log.running.count)
      }
      let outcome = body(turn) { log.withLock { $0 } }
      log.withLock { _ = $0.running.remove(turn.record) }
      return outcome
    }
    return (log.withLock { $0 }, notBegun)
  }

  /// Waits for a condition that another thread brings about, for as long as a broken schedule deserves.
  private func isSoon(_ condition: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(20)
    while !condition() {
      guard ContinuousClock.now < end else { return false }
      usleep(200)
    }
    return true
  }

  @Test("As many records as threads run at the same time", arguments: [2, 3]) func together(_ threads: Int) {
    let (log, notBegun) = run(costs: Array(repeating: 1, count: threads), threads: threads) { _, log in
      #expect(isSoon { log().mostAtOnce == threads })
      return .finished
    }
    #expect(log.mostAtOnce == threads && notBegun == 0)
  }

  @Test("Each record is begun once, in order, and never more than the jobs at once", arguments: [1, 2, 3, 8])
  func once(_ jobs: Int) {
    let (log, notBegun) = run(costs: (0..<60).map { Double(1 + $0 % 7) }, jobs: jobs, threads: 4) { _, _ in
      usleep(100)
      return .finished
    }
    #expect(log.order.sorted() == Array(0..<60) && notBegun == 0)
    // What stands in the log was noted a moment after it was begun, and on a busy machine after others that came later.
    for records in log.byThread.values { #expect(records == records.sorted()) }
    #expect(log.mostAtOnce <= min(jobs, 4))
    if jobs == 1 { #expect(log.order == Array(0..<60) && log.begun.allSatisfy { $0.threads == 4 && !$0.hasCompany }) }
  }

  @Test("Records whose memory does not suffice for both do not meet, and keep the order") func memory() {
    let bytes = [30, 60, 50, 500, 20, 20, 20]
    let (log, _) = run(
      costs: Array(repeating: 1, count: 7), threads: 3, memory: 100, bytes: bytes
    ) { turn, log in
      usleep(2000)
      return .finished
    }
    #expect(log.order.sorted() == Array(0..<7))
    for (record, others) in log.companions {
      // The one that is larger than all there is runs by itself.
      if record == 3 { #expect(others.isEmpty) }
      for other in others { #expect(bytes[record] + bytes[other] <= 100) }
    }
    #expect(log.companions[1]?.contains(2) != true)
    #expect(log.order.firstIndex(of: 3) == 3)
  }

  @Test("One that must be alone is") func alone() {
    let (log, _) = run(costs: Array(repeating: 1, count: 6), alone: [2, 5], threads: 3) { _, _ in
      usleep(2000)
      return .finished
    }
    #expect(log.order.sorted() == Array(0..<6))
    for record in [2, 5] { #expect(log.companions[record, default: []].isEmpty) }
    #expect(log.begun.first { $0.record == 2 }?.threads == 3)
  }

  @Test("Lack of memory beside others is no failure: the record comes last, alone") func again() {
    let (log, notBegun) = run(costs: Array(repeating: 1, count: 5), threads: 2) { turn, log in
      if turn.record < 2, log().order.count(where: { $0 == turn.record }) == 1 {
        #expect(isSoon { log().order.count >= 2 })
        return turn.hasCompany ? .needsAllMemory : .finished
      }
      return .finished
    }
    let repeated = log.order.filter { record in log.order.count(where: { $0 == record }) == 2 }
    #expect(Set(repeated).count == 1 && log.order.last == repeated.first && notBegun == 0)
    #expect(log.begun.last.map { $0.hasCompany } == false && log.begun.last?.threads == 2)
  }

  @Test("After an end nothing is begun, and what was not is counted") func end() {
    let (log, notBegun) = run(costs: Array(repeating: 1, count: 100), threads: 2) { turn, _ in
      turn.record == 3 ? .endsRun : .finished
    }
    #expect(notBegun == 100 - log.order.count && log.order.contains(3) && log.order.count < 100)
  }

  @Test("A record that is not wanted any more is passed over, and not counted") func wanted() {
    let (log, notBegun) = run(costs: Array(repeating: 1, count: 9), unwanted: [1, 4, 7], threads: 2)
    #expect(log.order.sorted() == [0, 2, 3, 5, 6, 8] && notBegun == 0)
  }

  /// The threads that records get if each waits for the others: as if all took very long.
  private func threads(_ costs: [Double], of threads: Int, jobs: Int? = nil, memory: Int = 1000, each: Int = 1) -> [Int]
  {
    // One by one, as many beside each as would be there.
    let (log, _) = run(costs: costs, jobs: jobs, threads: threads, memory: memory, bytes: costs.map { _ in each }) {
      _, _ in
      usleep(500)
      return .finished
    }
    return log.begun.sorted { $0.record < $1.record }.map(\.threads)
  }

  @Test("Records of a long queue get a thread each, the last ones those that would have nothing to do") func shares() {
    #expect(threads(Array(repeating: 1, count: 20), of: 4) == Array(repeating: 1, count: 16) + [1, 2, 2, 4])
    // Two at a time: half of the threads each.
    #expect(threads(Array(repeating: 1, count: 6), of: 4, jobs: 2).prefix(4) == [2, 2, 2, 2])
    // The memory of two.
    #expect(threads(Array(repeating: 1, count: 8), of: 4, memory: 2, each: 1).prefix(4) == [2, 2, 2, 2])
    // One that takes longer than all after it.
    #expect(threads([100, 1, 1, 1, 1], of: 4)[0] == 4)
    #expect(threads([1], of: 4) == [4])
  }

  @Test("A thread that has to wait helps") func help() {
    let pool = WorkerPool(), helped = Atomic(false)
    _ = pool.start(1)
    let schedule = FoldSchedule(
      [FoldSchedule.Record(cost: 1, isAlone: true), FoldSchedule.Record(cost: 1)], threads: 2, bytesToShare: 10
    ) { _, _ in 1 }
    let notBegun = schedule.run(on: pool) { turn in
      guard turn.record == 0 else { return .finished }
      // The other thread cannot begin record 1 now.
      #expect(
        isSoon {
          pool.run(2) { worker in
            if worker == 1 { helped.store(true, ordering: .relaxed) } else { usleep(500) }
          }
          return helped.load(ordering: .relaxed)
        })
      return .finished
    }
    #expect(notBegun == 0)
  }
}
