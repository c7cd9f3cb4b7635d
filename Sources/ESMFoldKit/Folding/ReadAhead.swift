// What the language model makes of records that are about to be folded: short ones are read together.

import Synchronization
import Tensors

/// Reads records in their order, as many short ones at once as are best read together; any thread may ask for any of them.
package final class ReadAhead {
  private struct State {
    /// Records from here on have not been read, and nobody reads them.
    var next = 0
    /// What was read and not yet asked for.
    var read: [Int: SequenceStates] = [:]
    /// Records that another thread is reading.
    var underWay: Set<Int> = []
  }

  private let model: ESMFold
  private let count: Int
  private let request: (_ record: Int) -> FoldRequest
  private let state = Mutex(State())

  /// - Parameters:
  ///   - model: What reads.
  ///   - count: The number of records.
  ///   - request: What is to be folded.
  package init(_ model: ESMFold, count: Int, request: @escaping (_ record: Int) -> FoldRequest) {
    self.model = model
    self.count = count
    self.request = request
  }

  /// What was read of a record, with others where it has not been before. Waits for the thread that is reading it.
  ///
  /// - Parameters:
  ///   - record: One that was not asked for before.
  ///   - threads: The threads that may read it.
  /// - Returns: nil where the fold will say why it cannot be folded.
  package func states(_ record: Int, threads: Int) -> SequenceStates? {
    let group = state.withLock { state in
      guard record >= state.next else { return record..<record }
      let group = record..<end(of: record)
      state.next = group.upperBound
      state.underWay.formUnion(group)
      return group
    }
    if group.isEmpty {
      WorkerPool.shared.help { self.state.withLock { !$0.underWay.contains(record) } }
    } else {
      // Whoever waits for one of these helps.
      let read = model.read(group.map(request), threads: max(threads, group.count))
      state.withLock { state in
        for (record, states) in zip(group, read) { state.read[record] = states }
        state.underWay.subtract(group)
      }
      WorkerPool.shared.wake()
    }
    return state.withLock { $0.read.removeValue(forKey: record) }
  }

  /// Forgets a record that will not be folded.
  package func drop(_ record: Int) {
    state.withLock { $0.read[record] = nil }
  }

  /// The end of the records that are best read together with this one.
  private func end(of record: Int) -> Int {
    var end = record, residues = 0
    repeat {
      residues += request(end).lengthWithLinkers
      end += 1
    } while end < count && residues + request(end).lengthWithLinkers <= ESMFold.residuesReadTogether
    return end
  }
}
