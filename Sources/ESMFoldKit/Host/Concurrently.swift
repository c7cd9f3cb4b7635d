// Two pieces of work at the same time.

import Synchronization
import Tensors

/// Runs two pieces of work at the same time where there is a processor for each, and else one after the other.
///
/// - Parameters:
///   - one: The piece with which the calling thread begins.
///   - other: A piece that shares nothing with it that either changes.
package func concurrently(_ one: () -> Void, _ other: () -> Void) {
  guard Threads.availableProcessors > 1 else {
    one()
    other()
    return
  }
  // Who is done with one piece takes the other, if nobody has.
  let next = Atomic(0)
  WorkerPool.shared.run(2) { _ in
    while true {
      switch next.add(1, ordering: .relaxed).oldValue {
      case 0: one()
      case 1: other()
      default: return
      }
    }
  }
}
