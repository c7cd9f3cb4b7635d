// Reproducible random numbers for tests.

import Platform

/// The same numbers on every machine for a seed.
package struct RandomNumbers: RandomNumberGenerator {
  private var bits: SplitMix64

  package init(seed: UInt64) { bits = SplitMix64(seed: seed) }

  package mutating func next() -> UInt64 { bits.next() }

  /// `count` numbers, uniform in a range.
  package mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}
