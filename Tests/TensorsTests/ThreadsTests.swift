// The threading policy: every task runs once with any number of threads, and as many threads run as requested.

import Dispatch
import Foundation
import Glibc
import Synchronization
import Tensors
import TestSupport
import Testing

@Suite("Threads") struct ThreadsTests {
  init() { Buffer.isPoisoned = true }

  @Test("Every task runs once", arguments: [1, 2, 5], [0, 1, 3, 100]) func everyTask(_ threads: Int, _ tasks: Int) {
    let counts = Mutex([Int](repeating: 0, count: tasks))
    Threads(threads).forEach(tasks) { index, worker in
      #expect(worker >= 0 && worker < min(threads, tasks))
      counts.withLock { $0[index] += 1 }
    }
    #expect(counts.withLock { $0 } == [Int](repeating: 1, count: tasks))
  }

  @Test("Tiles are consecutive and full, except for the last", arguments: [0, 1, 7, 8, 9, 96, 97], [1, 2])
  func tiles(_ count: Int, _ threads: Int) {
    let seen = Mutex<[Range<Int>]>([])
    Threads(threads).forEachTile(of: count, size: 8) { tile, _ in seen.withLock { $0.append(tile) } }
    let expected = stride(from: 0, to: count, by: 8).map { $0..<min($0 + 8, count) }
    #expect(seen.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound } == expected)
  }

  /// Longer than any busy machine needs; only a failing run takes this long.
  private static let patience = DispatchTime.now() + .seconds(60)

  @Test("Two workers run at once, each with its own number", .enabled(if: Threads.availableProcessors > 1))
  func together() async {
    // In a separate process, where no other test occupies the threads.
    await #expect(processExitsWith: .success) {
      let arrived = (0..<2).map { _ in DispatchSemaphore(value: 0) }
      let workers = Mutex(Set<Int>())
      Threads(2).forEach(2) { index, worker in
        workers.withLock { _ = $0.insert(worker) }
        // Neither returns before the other has started.
        arrived[index].signal()
        #expect(arrived[1 - index].wait(timeout: ThreadsTests.patience) == .success, "task \(index) waits alone")
      }
      #expect(workers.withLock { $0 } == [0, 1])
    }
  }

  @Test("A thread takes the remaining tasks while another is busy", .enabled(if: Threads.availableProcessors > 1))
  func nextFreeTask() async {
    await #expect(processExitsWith: .success) {
      let done = DispatchSemaphore(value: 0)
      let count = Atomic<Int>(0)
      Threads(2).forEach(20) { index, _ in
        if index == 0 {
          #expect(done.wait(timeout: ThreadsTests.patience) == .success, "the other thread leaves tasks")
        } else if count.add(1, ordering: .relaxed).newValue == 19 {
          done.signal()
        }
      }
    }
  }

  @Test("No two tasks of one worker run at once, and no more tasks than workers", arguments: [1, 2, 3, 8])
  func distinct(_ threads: Int) {
    let running = Mutex<(now: Set<Int>, most: Int)>(([], 0))
    Threads(threads).forEach(400) { _, worker in
      let isNew = running.withLock { state in
        let isNew = state.now.insert(worker).inserted
        state.most = max(state.most, state.now.count)
        return isNew
      }
      #expect(isNew, "worker \(worker) runs twice")
      // Gives the other threads a chance to start.
      sched_yield()
      running.withLock { _ = $0.now.remove(worker) }
    }
    let most = running.withLock { $0.most }
    #expect((1...threads).contains(most))
  }

  @Test("Nested parallel work runs as well") func nested() {
    let sum = Atomic<Int>(0)
    Threads(2).forEach(3) { outer, _ in
      Threads(2).forEach(5) { inner, _ in sum.add(10 * outer + inner, ordering: .relaxed) }
    }
    #expect(sum.load(ordering: .relaxed) == 5 * 30 + 3 * 10)
  }

  @Test("Processors are those of the affinity") func processors() async throws {
    // "0-3,8" in /proc/self/status.
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") })
    let allowed = line.dropFirst("Cpus_allowed_list:".count).split(separator: ",").flatMap { part in
      let ends = part.split(separator: "-").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
      return Array((ends.first ?? 0)...(ends.last ?? 0))
    }
    #expect(Threads.availableProcessors == allowed.count)
    let last = try #require(allowed.last)
    try await Handed.over(last) {
      await #expect(processExitsWith: .success) {
        let last = try Handed.taken(Int.self)
        // The header hides it from Swift.
        typealias SetAffinity = @convention(c) (pid_t, Int, UnsafeRawPointer) -> CInt
        let symbol = try #require(dlsym(nil, "sched_setaffinity"))
        var set = [UInt8](repeating: 0, count: 128)
        set[last / 8] = 1 << UInt8(last % 8)
        #expect(unsafeBitCast(symbol, to: SetAffinity.self)(0, set.count, set) == 0)
        #expect(Threads.availableProcessors == 1)
      }
    }
  }
}
