// Which proteins are folded at the same time, and on how many threads each.

import Synchronization
package import Tensors

/// A queue of records that are folded several at a time.
///
/// A protein on one thread wastes nothing: no step waits for the slowest of its threads, and no two threads share data. So as
/// many records as there are threads run side by side, one thread each, if memory suffices for all of them. A record gets
/// more threads where those would have nothing else to do: it is among the last ones, takes longer than all that come after
/// it, or leaves no memory for others. They are a limit, not a promise: a thread helps another record only when there is none
/// that it could begin.
///
/// Records begin in their order. One that has to wait for memory keeps those behind it waiting, too, so that none
/// waits for ever; the waiting threads help the folds that are under way.
package final class FoldSchedule {
  /// What is known of a record beforehand.
  package struct Record: Sendable {
    /// In proportion to the time that it takes.
    let cost: Double
    /// Whether nothing else may run beside it.
    let isAlone: Bool

    package init(cost: Double, isAlone: Bool = false) {
      (self.cost, self.isAlone) = (cost, isAlone)
    }
  }

  /// The work on one record.
  package struct Turn: Sendable {
    package let record: Int
    /// How many threads it may have.
    package let threads: Int
    /// Whether others were running when it began, so that a lack of memory may be due to them.
    package let hasCompany: Bool
  }

  /// How work on a record ends.
  package enum Outcome: Sendable {
    case finished
    /// It has to be done again when nothing runs beside it.
    case needsAllMemory
    /// No further record can be folded.
    case endsRun
  }

  /// How many records run at the same time at most.
  package let jobs: Int

  private struct State {
    /// The first record that has not been begun or passed over.
    var next = 0
    /// Those that need all memory: they come last, each alone.
    var again: [Int] = []
    /// The bytes of those that are running.
    var running: [Int: Int] = [:]
    var runsAlone = false
    var isEnded = false
  }

  private enum Step {
    case begin(Turn)
    case wait
    case end
  }

  private let records: [Record], threads: Int
  /// The costs of a record and of all after it.
  private let costsFrom: [Double]
  private let bytesToShare: Int
  private let bytes: (_ record: Int, _ threads: Int) -> Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - records: All of them, in the order in which they are begun.
  ///   - jobs: How many may run at the same time; `nil` for as many as there are threads.
  ///   - threads: The threads to share.
  ///   - bytesToShare: The memory to share. A record that runs alone may take what there is.
  ///   - bytes: What a record takes on so many threads.
  package init(
    _ records: [Record], jobs: Int? = nil, threads: Int, bytesToShare: Int,
    bytes: @escaping (_ record: Int, _ threads: Int) -> Int
  ) {
    self.records = records
    self.jobs = max(1, min(jobs ?? threads, threads, records.count))
    self.threads = threads
    self.bytesToShare = bytesToShare
    self.bytes = bytes
    var sums = [Double](repeating: 0, count: records.count), sum = 0.0
    for index in records.indices.reversed() {
      sum += records[index].cost
      sums[index] = sum
    }
    costsFrom = sums
  }

  /// Works on all records; returns when the last one is done, or after the first that ends the run.
  ///
  /// - Parameters:
  ///   - pool: The threads that are shared: the calling one and these.
  ///   - isWanted: Asked when a record can begin; one that is not wanted any more is passed over.
  ///   - body: Works on a record, called by several threads at the same time.
  /// - Returns: How many records were not begun because the run ended.
  package func run(
    on pool: WorkerPool = .shared, isWanted: (_ record: Int) -> Bool = { _ in true }, _ body: (Turn) -> Outcome
  ) -> Int {
    func work() {
      while true {
        switch step(isWanted) {
        case .begin(let turn):
          end(turn, body(turn))
          pool.wake()
        case .wait: pool.help { self.mayStep }
        case .end: return
        }
      }
    }
    if jobs == 1 { work() } else { pool.run(jobs) { _ in work() } }
    return state.withLock { records.count - $0.next + $0.again.count }
  }

  /// Whether waiting would be in vain.
  private var mayStep: Bool {
    state.withLock { state in
      guard !state.isEnded, let record = candidate(state) else { return true }
      return turn(record, state) != nil
    }
  }

  private func candidate(_ state: State) -> Int? { state.next < records.count ? state.next : state.again.first }

  private func step(_ isWanted: (Int) -> Bool) -> Step {
    state.withLock { state in
      while !state.isEnded, let record = candidate(state) {
        guard let (turn, bytes) = turn(record, state) else { return .wait }
        let isFirstTime = record == state.next
        if isFirstTime { state.next += 1 } else { state.again.removeFirst() }
        guard isWanted(record) else { continue }
        state.running[record] = bytes
        state.runsAlone = records[record].isAlone || !isFirstTime
        return .begin(turn)
      }
      return .end
    }
  }

  /// How a record would run now; nil when it has to wait.
  private func turn(_ record: Int, _ state: State) -> (Turn, bytes: Int)? {
    let others = state.running.count
    let isAlone = records[record].isAlone || state.next == records.count
    guard others == 0 || !(isAlone || state.runsAlone) else { return nil }
    // Each of them is less than the shared memory, but for the first, which may be anything.
    let taken = state.running.values.reduce(0) { min(bytesToShare, $0 + min(bytesToShare, $1)) }
    let count = isAlone ? threads : threadCount(record, beside: others), needed = bytes(record, count)
    // Without others the fold itself says whether there is enough.
    guard others == 0 || needed <= bytesToShare - taken else { return nil }
    return (Turn(record: record, threads: count, hasCompany: others > 0), needed)
  }

  /// How many threads a record gets.
  private func threadCount(_ record: Int, beside others: Int) -> Int {
    let fitting = max(1, bytesToShare / max(1, bytes(record, 1)))
    let abreast = min(jobs, fitting, records.count - record + others)
    // Those after it leave these threads nothing to do before it is finished.
    let part = costsFrom[record] > 0 ? records[record].cost / costsFrom[record] : 1
    let share = (part * Double(threads)).rounded(.up)
    return min(threads, max((threads + abreast - 1) / abreast, Int(min(share, Double(threads)))))
  }

  private func end(_ turn: Turn, _ outcome: Outcome) {
    state.withLock { state in
      state.running[turn.record] = nil
      state.runsAlone = false
      switch outcome {
      case .finished: break
      case .needsAllMemory: state.again.append(turn.record)
      case .endsRun: state.isEnded = true
      }
    }
  }
}
