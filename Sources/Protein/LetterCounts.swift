// How often each letter is in a sequence: what one pass over it can tell.

/// The letters of a sequence, counted.
struct LetterCounts {
  /// A number for each byte.
  private var counts = [Int](repeating: 0, count: 1 << UInt8.bitWidth)

  let total: Int

  init(_ sequence: [UInt8]) {
    total = sequence.count
    counts.withUnsafeMutableBufferPointer { counts in
      for letter in sequence { counts[Int(letter)] &+= 1 }
    }
  }

  /// How many of them are one of these.
  func count(of letters: StaticString) -> Int {
    letters.withUTF8Buffer { $0.reduce(0) { $0 + counts[Int($1)] } }
  }
}
