// `--time-limit MIN`: no record is begun that would not be finished by then.

import Platform
import Synchronization

/// The time that a run has, and what its records have taken so far.
///
/// A record is foretold to take its cost (`RecordCost`) at the speed of the records before it in this run, and a tenth
/// more. Before the first one nothing is known, so it is begun as long as there is any time.
package final class TimeLimit: Sendable {
  private let end: ContinuousClock.Instant
  private let now: @Sendable () -> ContinuousClock.Instant
  private let done = Mutex((seconds: 0.0, cost: 0.0))

  /// - Parameters:
  ///   - minutes: The time from now on.
  ///   - now: The clock.
  package init(minutes: Double, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.now = now
    end = now() + .seconds(minutes * 60)
  }

  /// Whether work of this cost would be finished in time.
  package func admits(_ next: Double) -> Bool {
    let left = (end - now()).inSeconds
    let (seconds, cost) = done.withLock { $0 }
    guard cost > 0 else { return left > 0 }
    return next * (seconds / cost) * 1.1 <= left
  }

  /// Notes that work begins; to be given to `finish`.
  package func begin() -> ContinuousClock.Instant { now() }

  /// Notes that what was begun is finished.
  package func finish(_ cost: Double, begun: ContinuousClock.Instant) {
    let seconds = (now() - begun).inSeconds
    done.withLock {
      $0.seconds += seconds
      $0.cost += cost
    }
  }

  /// The message that records are left.
  package static func remark(minutes: Double, left: Int) -> String {
    "--time-limit \(shortDecimal(minutes)): \(left) \(left == 1 ? "record is" : "records are") left, for which there "
      + "was not enough time\nhint: the same command goes on with \(left == 1 ? "it" : "them"), if it is not told to --overwrite"
  }
}

/// `90` or `0.5`: a number as a person writes it.
private func shortDecimal(_ number: Double) -> String {
  number == number.rounded() && number < 1e9 ? "\(Int(number))" : "\(number)"
}
