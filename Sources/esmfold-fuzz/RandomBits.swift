// Reproducible random numbers: a finding must recur with its seed.

/// SplitMix64.
package struct RandomBits: Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var x = state
    x = (x ^ (x >> 30)) &* 0xbf58_476d_1ce4_e5b9
    x = (x ^ (x >> 27)) &* 0x94d0_49bb_1331_11eb
    return x ^ (x >> 31)
  }

  /// A number from 0 to `count` - 1; 0 when there is none.
  mutating func below(_ count: Int) -> Int { count < 1 ? 0 : Int(next() % UInt64(count)) }

  /// True once in `count` times.
  mutating func once(in count: Int) -> Bool { below(count) == 0 }

  /// One of the elements.
  mutating func element<Element>(of elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[below(elements.count)]
  }

  /// A range within 0..<count, mostly short.
  mutating func range(in count: Int) -> Range<Int> {
    let start = below(count + 1)
    let longest = once(in: 4) ? count - start : min(count - start, 16)
    return start..<start + below(longest + 1)
  }
}
