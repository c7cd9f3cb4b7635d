// What parallel regions consist of: the time of each task, measured on one thread.

import Synchronization

/// Records parallel regions instead of dividing them, so that one can compute how long any number of threads would take.
///
/// While something is recorded, the calling thread runs all tasks itself; no other thread may compute.
package enum RegionMeter {
  /// A call of `Threads.forEach`.
  package struct Region: Sendable {
    /// Where it is called, "Folding/TriangleAttention.swift:84".
    package let place: String
    /// Seconds of each task, in the order in which threads take them.
    package let tasks: [Double]

    package init(place: String, tasks: [Double]) {
      self.place = place
      self.tasks = tasks
    }

    /// Seconds until the last of some threads is done, each of which takes the next task when it has finished one.
    package func seconds(threads: Int) -> Double {
      guard threads > 1 else { return tasks.reduce(0, +) }
      var free = [Double](repeating: 0, count: min(threads, max(tasks.count, 1)))
      for task in tasks {
        let first = free.indices.min { free[$0] < free[$1] } ?? 0
        free[first] += task
      }
      return free.max() ?? 0
    }
  }

  /// What a computation consists of.
  package struct Recording: Sendable {
    package let regions: [Region]
    /// Seconds between them, which no other thread shortens.
    package let serialSeconds: Double

    package init(regions: [Region], serialSeconds: Double) {
      self.regions = regions
      self.serialSeconds = serialSeconds
    }

    /// The shorter time of each part of two recordings of the same computation.
    package func quickest(_ other: Recording) -> Recording {
      let regions = zip(regions, other.regions).map { one, another in
        Region(place: one.place, tasks: zip(one.tasks, another.tasks).map(min))
      }
      return Recording(regions: regions, serialSeconds: min(serialSeconds, other.serialSeconds))
    }

    /// Seconds on one thread.
    package var secondsAlone: Double { seconds(threads: 1) { _ in 0 } }

    /// Seconds on some threads, if dividing a region among them takes `join(threads)` seconds.
    package func seconds(threads: Int, join: (_ threads: Int) -> Double) -> Double {
      regions.reduce(serialSeconds) { sum, region in
        let used = min(threads, region.tasks.count)
        return sum + region.seconds(threads: used) + (used > 1 ? join(used) : 0)
      }
    }
  }

  /// Runs a computation on this thread.
  package static func record(_ body: () -> Void) -> Recording {
    recorded.withLock { $0 = [] }
    recordingFlag.store(true, ordering: .relaxed)
    let start = ContinuousClock.now
    body()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    recordingFlag.store(false, ordering: .relaxed)
    let regions = recorded.withLock { $0 }
    return Recording(
      regions: regions, serialSeconds: max(0, seconds - regions.reduce(0) { $0 + $1.tasks.reduce(0, +) }))
  }

  static var isRecording: Bool { recordingFlag.load(ordering: .relaxed) }

  private static let recordingFlag = Atomic(false)
  private static let recorded = Mutex<[Region]>([])

  static func forEach(_ tasks: Int, _ file: StaticString, _ line: Int, _ task: (Int) -> Void) {
    var seconds: [Double] = []
    seconds.reserveCapacity(tasks)
    var last = ContinuousClock.now
    for index in 0..<max(tasks, 0) {
      task(index)
      let now = ContinuousClock.now
      seconds.append((now - last) / .seconds(1))
      last = now
    }
    let region = Region(place: "\(file):\(line)", tasks: seconds)
    recorded.withLock { $0.append(region) }
  }
}
