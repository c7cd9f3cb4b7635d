// What it takes to divide a parallel region among threads.

import Platform
import Tensors

/// Seconds that a region takes besides its tasks: a fixed part, and one for each thread.
package struct JoinCost: Sendable {
  package let fixed: Double, perThread: Double
  /// The most threads with which it was measured.
  package let measuredThreads: Int

  package init(fixed: Double, perThread: Double, measuredThreads: Int) {
    (self.fixed, self.perThread, self.measuredThreads) = (fixed, perThread, measuredThreads)
  }

  /// Measures regions of empty tasks, one for each thread, that follow one another as the steps of a block do.
  static func measured(upTo most: Int) -> JoinCost {
    var counts = [2], seconds: [Double] = []
    while let last = counts.last, last * 2 <= most { counts.append(last * 2) }
    for count in counts {
      let threads = Threads.starting(count), calls = 2000
      let samples = (0..<5).map { _ in
        Stopwatch.seconds { for _ in 0..<calls { threads.forEach(count) { _, _ in } } } / Double(calls)
      }
      seconds.append(samples.min() ?? 0)
    }
    return JoinCost(zip(counts, seconds).map { (threads: $0, seconds: $1) })
  }

  /// The line through measurements by least squares; with one of them, in proportion to the threads.
  package init(_ points: [(threads: Int, seconds: Double)]) {
    let n = Double(points.count), x = points.map { Double($0.threads) }, y = points.map(\.seconds)
    let meanX = x.reduce(0, +) / n, meanY = y.reduce(0, +) / n
    let variance = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    let slope =
      variance > 0
      ? zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / variance : meanY / max(meanX, 1)
    perThread = max(0, slope)
    fixed = max(0, meanY - perThread * meanX)
    measuredThreads = points.map(\.threads).max() ?? 1
  }

  /// Seconds to divide a region among some threads.
  package func seconds(threads: Int) -> Double { threads > 1 ? fixed + perThread * Double(threads) : 0 }

  var text: String {
    "dividing a region: \(RowTable.digits(fixed * 1e6)) µs and \(RowTable.digits(perThread * 1e6)) µs a thread, "
      + "measured with up to \(measuredThreads) threads\n"
  }
}
