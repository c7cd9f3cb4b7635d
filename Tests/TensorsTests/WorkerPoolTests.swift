// Threads that help: as many as the system gives, none needed.

import Foundation
import Glibc
import Synchronization
import Tensors
import TestSupport
import Testing

@Suite("Worker pool") struct WorkerPoolTests {
  /// Runs a region and returns which workers took part, and how often each.
  private func calls(_ pool: WorkerPool, _ workers: Int) -> [Int: Int] {
    let calls = Mutex<[Int: Int]>([:])
    pool.run(workers) { worker in calls.withLock { $0[worker, default: 0] += 1 } }
    return calls.withLock { $0 }
  }

  @Test("Where the system gives no threads the caller works alone") func alone() {
    let pool = WorkerPool { _ in false }
    #expect(pool.start(5) == 0)
    #expect(calls(pool, 6) == [0: 1])
  }

  @Test("Fewer threads than asked for are started once") func few() {
    let started = Atomic(0)
    let pool = WorkerPool { pool in
      guard started.load(ordering: .relaxed) < 2 else { return false }
      started.add(1, ordering: .relaxed)
      return WorkerPool.startThread(pool)
    }
    #expect(pool.start(5) == 2 && pool.start(1) == 1 && pool.start(2) == 2)
    for _ in 0..<1000 {
      let calls = calls(pool, 6)
      #expect(calls[0] == 1 && calls.values.allSatisfy { $0 == 1 } && calls.keys.allSatisfy { (0..<6).contains($0) })
    }
    #expect(started.load(ordering: .relaxed) == 2)
  }

  @Test("Regions of several callers do not mix, and all helpers have left at the end", arguments: [1, 2, 5])
  func callers(_ workers: Int) async {
    let pool = WorkerPool()
    await withTaskGroup { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<200 {
            let inside = Atomic(0), entered = Atomic(0)
            pool.run(workers) { _ in
              inside.add(1, ordering: .relaxed)
              entered.add(1, ordering: .relaxed)
              inside.subtract(1, ordering: .relaxed)
            }
            #expect(inside.load(ordering: .relaxed) == 0)
            #expect((1...workers).contains(entered.load(ordering: .relaxed)))
          }
        }
      }
    }
  }

  @Test("A pool that has nothing to do takes no time of a processor") func idle() async {
    // In a process of its own, whose time is the pool's.
    await #expect(processExitsWith: .success) {
      let pool = WorkerPool()
      pool.run(Threads.availableProcessors) { _ in }
      // The process has other threads, which rest at times.
      let least = (0..<20).map { _ in
        let before = clock()
        usleep(50_000)
        return Double(clock() - before) / Double(CLOCKS_PER_SEC)
      }.min()
      #expect(least ?? 1 < 0.01, "\(least ?? 1) s of 0.05 s")
    }
  }

  @Test("Regions follow one another at once, on threads that look and on threads that sleep", arguments: [0, 300])
  func inSuccession(_ pause: UInt32) {
    let pool = WorkerPool(), sum = Atomic(0)
    var entered = 0
    for region in 0..<(pause == 0 ? 20_000 : 200) {
      let next = Atomic(0)
      pool.run(3) { _ in
        while true {
          let index = next.add(1, ordering: .relaxed).oldValue
          if index >= 5 { break }
          sum.add(index, ordering: .relaxed)
        }
      }
      entered += 10
      // What helpers have done is there when the region ends.
      guard sum.load(ordering: .relaxed) == entered else {
        Issue.record("region \(region): found \(sum.load(ordering: .relaxed)), expected \(entered)")
        return
      }
      if pause > 0 { usleep(pause) }
    }
  }

  private final class Signs: Sendable {
    let isOver = Atomic(false), hasReturned = Atomic(false), helped = Atomic(0)
  }

  @Test("Who waits helps until there is something else to do") func helpUntil() {
    let pool = WorkerPool { _ in false }, signs = Signs()
    Thread.detachNewThread {
      pool.help { signs.isOver.load(ordering: .acquiring) }
      signs.hasReturned.store(true, ordering: .releasing)
    }
    // The pool has no thread of its own, so only the waiting one can be worker 1.
    let hasHelped = holds {
      pool.run(2) { worker in
        if worker == 1 { signs.helped.add(1, ordering: .relaxed) } else { usleep(1000) }
      }
      return signs.helped.load(ordering: .relaxed) >= 3
    }
    #expect(hasHelped && !signs.hasReturned.load(ordering: .acquiring))
    signs.isOver.store(true, ordering: .releasing)
    pool.wake()
    #expect(holds { signs.hasReturned.load(ordering: .acquiring) })
    // Nobody is left who could help.
    for _ in 0..<100 { #expect(calls(pool, 2) == [0: 1]) }
  }
}
