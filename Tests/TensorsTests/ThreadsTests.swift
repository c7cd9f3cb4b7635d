// The thread policy: every task once, whatever the number of threads.

import Synchronization
import Tensors
import Testing

@Suite("Threads") struct ThreadsTests {
  @Test("Every task runs once", arguments: [1, 2, 5], [0, 1, 3, 100]) func everyTask(_ threads: Int, _ tasks: Int) {
    let counts = Mutex([Int](repeating: 0, count: tasks))
    Threads(threads).forEach(tasks) { index, worker in
      #expect(worker < threads)
      counts.withLock { $0[index] += 1 }
    }
    #expect(counts.withLock { $0 } == [Int](repeating: 1, count: tasks))
  }

  @Test("Tiles cover the range", arguments: [1, 7, 96, 97]) func tiles(_ count: Int) {
    let seen = Mutex(Set<Int>())
    Threads(2).forEachTile(of: count, size: 8) { tile, _ in
      #expect(tile.count <= 8 && !tile.isEmpty)
      seen.withLock { $0.formUnion(tile) }
    }
    #expect(seen.withLock { $0 } == Set(0..<count))
  }
}
