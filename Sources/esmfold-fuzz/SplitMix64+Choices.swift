// Choices by random numbers: a finding must come back with its seed.

import Platform

extension SplitMix64 {
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
