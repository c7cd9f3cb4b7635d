// Random numbers fast enough to fill gigabytes of weights: bits with a fixed exponent instead of scaled values.

import Tensors

/// SplitMix64 from a fixed seed, so that every run gets the same numbers.
struct RandomBits {
  private var state: UInt64 = 1

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var x = state
    x = (x ^ (x >> 30)) &* 0xbf58_476d_1ce4_e5b9
    x = (x ^ (x >> 27)) &* 0x94d0_49bb_1331_11eb
    return x ^ (x >> 31)
  }

  /// Writes `count` values of either sign with magnitudes from 2^exponent to twice that.
  mutating func fill(_ memory: UnsafeMutableRawPointer, _ count: Int, _ type: ElementType, exponent: Int) {
    switch type {
    case .float32:
      let values = memory.assumingMemoryBound(to: UInt32.self), bits = UInt32(127 + exponent) << 23
      for i in 0..<count { values[i] = UInt32(truncatingIfNeeded: next()) & 0x807f_ffff | bits }
    case .float16:
      let values = memory.assumingMemoryBound(to: UInt16.self), bits = UInt16(15 + exponent) << 10
      for i in 0..<count { values[i] = UInt16(truncatingIfNeeded: next()) & 0x83ff | bits }
    case .bfloat16:
      let values = memory.assumingMemoryBound(to: UInt16.self), bits = UInt16(127 + exponent) << 7
      for i in 0..<count { values[i] = UInt16(truncatingIfNeeded: next()) & 0x807f | bits }
    case .int64, .bool: preconditionFailure("random integers")
    }
  }
}
