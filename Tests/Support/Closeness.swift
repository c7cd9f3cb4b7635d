// How far apart two arrays of numbers are.

/// The difference between computed and expected values.
package struct Closeness: CustomStringConvertible {
  /// Largest absolute difference, and where.
  package let maximum: Float, index: Int
  /// Largest expected magnitude.
  package let scale: Float
  private let found: Float, expected: Float
  private let counts: (Int, Int)

  /// Compares two arrays; arrays of different lengths, or with a NaN in only one of them, are infinitely far apart.
  package init(_ found: [Float], _ expected: [Float]) {
    var maximum: Float = found.count == expected.count ? 0 : .infinity
    var index = 0, scale: Float = 0
    for (i, (x, y)) in zip(found, expected).enumerated() {
      scale = max(scale, abs(y))
      let difference = x == y ? 0 : abs(x - y)
      if !(difference <= maximum) {
        maximum = difference.isNaN ? .infinity : difference
        index = i
      }
    }
    self.maximum = maximum
    self.index = index
    self.scale = scale
    self.found = index < found.count ? found[index] : .nan
    self.expected = index < expected.count ? expected[index] : .nan
    counts = (found.count, expected.count)
  }

  /// Whether the largest difference is within `relative` of the largest magnitude, or within `absolute`.
  package func isWithin(relative: Float, absolute: Float = 0) -> Bool {
    maximum <= max(relative * scale, absolute)
  }

  package var description: String {
    counts.0 == counts.1
      ? "difference \(maximum) at \(index): found \(found), expected \(expected); largest magnitude \(scale)"
      : "found \(counts.0) values, expected \(counts.1)"
  }
}
