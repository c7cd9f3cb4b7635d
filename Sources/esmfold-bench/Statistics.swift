// Median and spread of repeated measurements.

import Weights

/// A summary of one row's samples: on a shared machine the mean is not meaningful.
package struct Statistics: Equatable, Sendable {
  package let count: Int
  package let median: Double
  /// The 10th and 90th percentile.
  package let p10: Double, p90: Double

  /// Requires at least one sample.
  package init(_ samples: [Double]) {
    precondition(!samples.isEmpty)
    let sorted = samples.sorted()
    count = sorted.count
    median = Self.quantile(0.5, sorted)
    p10 = Self.quantile(0.1, sorted)
    p90 = Self.quantile(0.9, sorted)
  }

  package init(count: Int, median: Double, p10: Double, p90: Double) {
    self.count = count
    self.median = median
    self.p10 = p10
    self.p90 = p90
  }

  /// Linear interpolation between the two nearest samples.
  private static func quantile(_ q: Double, _ sorted: [Double]) -> Double {
    let place = q * Double(sorted.count - 1), below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }
}
