// Measuring: warm-up, repeated calls within a time budget, interleaved with the machine's peak.

import Platform
import Tensors

/// The time of a call, and the machine's peak at that time.
struct Sample {
  /// Seconds of one call.
  let seconds: Double
  /// GFLOP/s or GB/s of the peak.
  let peak: Double
}

/// Repeats calls for a given time.
struct Meter {
  /// Time for one row.
  let seconds: Double

  /// Measures `body(calls)`, which makes that many calls.
  ///
  /// The first calls warm up caches and find how many make a measurable sample. Then samples alternate with
  /// equally long ones of the peak: load from others and changes of clock rate affect both alike.
  func measure(alongside peak: Peak, _ body: (_ calls: Int) -> Void) -> [Sample] {
    var calls = 1
    var elapsed = Stopwatch.seconds { body(calls) }
    while elapsed < seconds / Self.stretches, calls < 1 << 30 {
      // The first call can be slow for many reasons, so the number grows in steps.
      calls = min(calls * 8, max(calls + 1, Int(Double(calls) * seconds / Self.stretches / max(elapsed, 1e-9)) + 1))
      elapsed = Stopwatch.seconds { body(calls) }
    }
    var samples: [Sample] = []
    var spent = 0.0
    while spent < seconds || samples.count < Self.fewest {
      elapsed = Stopwatch.seconds { body(calls) }
      let peakSeconds = min(elapsed, Self.longestPeak)
      samples.append(Sample(seconds: elapsed / Double(calls), peak: peak.rate(seconds: peakSeconds)))
      spent += elapsed + peakSeconds
    }
    return samples
  }

  /// Intervals that a row is divided into, half of them for the peak; and the minimum of samples when a call is long.
  private static let stretches = 40.0, fewest = 3
  /// Seconds after which interruptions have averaged out.
  private static let longestPeak = 0.2
}

/// Wall-clock time.
enum Stopwatch {
  static func seconds(_ body: () -> Void) -> Double { ContinuousClock().measure(body).inSeconds }
}
