// The download rate over the last seconds: the mean since the start would be meaningless after a pause.

import Platform

/// Counts bytes and gives rate and time left.
package struct RateMeter {
  private var samples: [(time: ContinuousClock.Instant, bytes: Int)] = []
  package init() {}

  private static let window = Duration.seconds(10)
  /// Shorter intervals make the rate jump.
  private static let shortest = Duration.milliseconds(500)

  /// Restarts at this number of bytes.
  package mutating func restart(_ bytes: Int, at now: ContinuousClock.Instant = .now) {
    samples = [(now, bytes)]
  }

  /// Records the current number of bytes.
  package mutating func note(_ bytes: Int, at now: ContinuousClock.Instant = .now) {
    if let last = samples.last, samples.count > 1, now - last.time < .milliseconds(100) { return }
    samples.append((now, bytes))
    while samples.count > 2, now - samples[1].time > Self.window { samples.removeFirst() }
  }

  /// Bytes per second; nil before there is enough data.
  package var bytesPerSecond: Double? {
    guard let first = samples.first, let last = samples.last, last.time - first.time >= Self.shortest else {
      return nil
    }
    return Double(last.bytes - first.bytes) / (last.time - first.time).inSeconds
  }

  package func progress(_ bytes: Int, of total: Int?) -> TransferProgress {
    let rate = bytesPerSecond
    var left: Double?
    if let total, let rate, rate > 0 { left = Double(max(0, total - bytes)) / rate }
    return TransferProgress(bytes: bytes, total: total, bytesPerSecond: rate, secondsLeft: left)
  }
}
