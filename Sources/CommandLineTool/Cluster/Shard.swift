// `--shard I/N`: which part of a run this process computes, and what its own files are called.

import Platform

/// One of several processes that share the records of one input.
package struct Shard: Sendable, Hashable {
  /// From 1.
  package let number: Int
  package let count: Int

  /// More tasks than any scheduler takes in one array.
  package static let most = 100_000

  package init(_ number: Int, of count: Int) {
    precondition(number >= 1 && number <= count, "a shard that is not there")
    (self.number, self.count) = (number, count)
  }

  /// Reads `2/8`.
  ///
  /// - Throws: `InvalidValue` for any other text.
  package init(_ text: String) throws(InvalidValue) {
    let expected = "I/N: the number of this shard, from 1, and how many there are, at most \(Self.most)"
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let count = try? wholeNumber(String(parts[1]), atLeast: 1, atMost: Self.most),
      let number = try? wholeNumber(String(parts[0]), atLeast: 0, atMost: Self.most)
    else { throw InvalidValue(expected) }
    guard number >= 1 else { throw InvalidValue(expected + "\nhint: an array from 1, --array=1-\(count), counts so") }
    guard number <= count else { throw InvalidValue(expected) }
    self.init(number, of: count)
  }

  /// `2/8`.
  package var words: String { "\(number)/\(count)" }

  /// Whether it reports what belongs to no shard: records that are none.
  package var isFirst: Bool { number == 1 }

  /// The path of this shard's own part of a file that collects several records: `x.2-of-8.h5` for `x.h5`.
  package func path(of path: String) -> String {
    let name = path.lastComponent, mark = "." + ShardName.label(number, of: count)
    guard let range = path.ranges(of: name).last, !name.isEmpty else { return path }
    // A name that begins with a dot has no ending.
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else {
      return String(path[..<range.lowerBound]) + name + mark
    }
    return String(path[..<range.lowerBound]) + String(name[..<dot]) + mark + String(name[dot...])
  }
}
