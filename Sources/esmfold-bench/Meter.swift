// Measuring: warm-up, repeated calls for a time budget, and the peak of the machine in turns with them.

import Tensors

/// The time of a call, and what the machine could do meanwhile.
struct Measurement {
  /// Seconds of one call.
  let time: Statistics
  /// GFLOP/s of the peak product, the median over the same stretch of time.
  let peak: Double
}

/// Repeats calls for a time.
struct Meter {
  /// Time for one row.
  let seconds: Double

  /// Measures `body(calls)`, which makes so many calls.
  ///
  /// The first calls warm caches up and find how many make a sample that the clock can tell. Then samples alternate with
  /// shorter ones of the peak product: a machine that is shared or changes its clock changes both alike.
  func measure(alongside peak: Peak, _ body: (_ calls: Int) -> Void) -> Measurement {
    var calls = 1
    var elapsed = Stopwatch.seconds { body(calls) }
    while elapsed < seconds / Self.samples, calls < 1 << 30 {
      // A first call can be slow for many reasons, so the number grows by steps.
      calls = min(calls * 8, max(calls + 1, Int(Double(calls) * seconds / Self.samples / max(elapsed, 1e-9)) + 1))
      elapsed = Stopwatch.seconds { body(calls) }
    }
    var times: [Double] = [], rates: [Double] = []
    var spent = 0.0
    while spent < seconds || times.count < Self.fewest {
      elapsed = Stopwatch.seconds { body(calls) }
      rates.append(peak.rate(seconds: elapsed * Self.peakShare))
      times.append(elapsed / Double(calls))
      spent += elapsed
    }
    return Measurement(time: Statistics(times), peak: Statistics(rates).median)
  }

  /// Samples that fill the time of a row, and the fewest that are taken when a call is long.
  private static let samples = 30.0, fewest = 3
  /// The peak's time relative to the row's.
  private static let peakShare = 0.2
}

/// Wall-clock time.
enum Stopwatch {
  static func seconds(_ body: () -> Void) -> Double {
    let duration = ContinuousClock().measure(body)
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
