// The program's only threading policy.

import CKernels
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

  /// Starts the threads now: `count` of them with the calling one, or as many as the system gives.
  package static func starting(_ count: Int) -> Threads { Threads(1 + WorkerPool.shared.start(max(1, count) - 1)) }

  /// Processors that the process may use according to its affinity, at least 1.
  package static var availableProcessors: Int { max(1, Int(ck_processors())) }

  /// Runs `task(index, worker)` for every index below `tasks`. `worker` is below `count` and names the thread's scratch:
  /// no two tasks with the same worker run at once.
  ///
  /// `file` and `line` name the region for `RegionMeter`.
  package func forEach(
    _ tasks: Int, file: StaticString = #fileID, line: Int = #line,
    _ task: @Sendable (_ index: Int, _ worker: Int) -> Void
  ) {
    if RegionMeter.isRecording { return RegionMeter.forEach(tasks, file, line) { task($0, 0) } }
    let workers = min(count, tasks)
    guard workers > 1 else {
      for index in 0..<max(tasks, 0) { task(index, 0) }
      return
    }
    let next = Atomic<Int>(0)
    WorkerPool.shared.run(workers) { worker in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if index >= tasks { break }
        task(index, worker)
      }
    }
  }

  /// Runs `task(range, worker)` for consecutive ranges of at most `size` that cover 0..<count.
  package func forEachTile(
    of count: Int, size: Int, file: StaticString = #fileID, line: Int = #line,
    _ task: @Sendable (_ tile: Range<Int>, _ worker: Int) -> Void
  ) {
    precondition(size > 0)
    forEach((count + size - 1) / size, file: file, line: line) { index, worker in
      task(index * size..<min(count, (index + 1) * size), worker)
    }
  }
}
