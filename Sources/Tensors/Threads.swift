// The program's only threading policy; the only file that imports Dispatch.

import CKernels
import Dispatch
import Glibc
import Synchronization

/// How many threads share the work, and how.
///
/// Work is split into tasks whose extents depend only on shapes. Threads take the next free task: which thread runs a
/// task varies, but what a task computes does not: results are bit-identical for any number of threads.
package struct Threads: Sendable {
  /// The number of threads, at least 1.
  package let count: Int

  package init(_ count: Int) {
    precondition(count >= 1)
    self.count = count
  }

  /// Processors that the process may use according to its affinity, at least 1.
  package static var availableProcessors: Int { canShare ? max(1, Int(ck_processors())) : 1 }

  /// Whether work can be shared. Once a second Dispatch reads in /proc what its threads do, and ends the program when they are
  /// not there: without /proc, or with that of another namespace of processes.
  private static let canShare: Bool = {
    var target = [UInt8](repeating: 0, count: 32)
    let count = readlink("/proc/self", &target, target.count)
    return count > 0 && String(decoding: target[..<count], as: UTF8.self) == "\(getpid())"
  }()

  /// Runs `task(index, worker)` for every index below `tasks`. `worker` is below `count` and names the thread's scratch:
  /// no two tasks with the same worker run at once.
  package func forEach(_ tasks: Int, _ task: @Sendable (_ index: Int, _ worker: Int) -> Void) {
    let workers = min(count, tasks)
    guard workers > 1, Self.canShare else {
      for index in 0..<max(tasks, 0) { task(index, 0) }
      return
    }
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if index >= tasks { break }
        task(index, worker)
      }
    }
  }

  /// Runs `task(range, worker)` for consecutive ranges of at most `size` that cover 0..<count.
  package func forEachTile(
    of count: Int, size: Int, _ task: @Sendable (_ tile: Range<Int>, _ worker: Int) -> Void
  ) {
    precondition(size > 0)
    forEach((count + size - 1) / size) { index, worker in
      task(index * size..<min(count, (index + 1) * size), worker)
    }
  }
}
