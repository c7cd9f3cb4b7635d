// Names of the files of shards: `summary.3-of-8.tsv` is that of the third of eight, `name.3-of-8` where there is no ending.

import Platform

/// A file name with the number of a shard, taken apart.
package struct ShardName: Equatable {
  /// The name without the number, `summary.tsv`.
  let whole: String
  /// From 1.
  let number: Int
  let count: Int

  /// The largest number of shards that a name is believed to tell.
  private static let most = 1_000_000

  /// - Parameter file: the last component of a path; nil if it is not that of a shard.
  init?(_ file: String) {
    let parts = file.split(separator: ".", omittingEmptySubsequences: false)
    // Before the ending, or where that would be.
    for place in [parts.count - 2, parts.count - 1] where place > 0 {
      let words = parts[place].split(separator: "-", omittingEmptySubsequences: false)
      guard words.count == 3, words[1] == "of", let number = Self.number(words[0]), let count = Self.number(words[2]),
        number <= count
      else { continue }
      whole = (parts[..<place] + parts[(place + 1)...]).joined(separator: ".")
      (self.number, self.count) = (number, count)
      return
    }
    return nil
  }

  private static func number(_ text: Substring) -> Int? {
    guard let first = text.utf8.first, first != UInt8(ascii: "0"), text.utf8.allSatisfy({ (48...57).contains($0) }),
      let number = Int(text), number <= most
    else { return nil }
    return number
  }

  /// Whether a name is that of a shard's part of `file`, or its own: `x.h5` and `x.2-of-8.h5`.
  package static func isPart(_ name: String, of file: String) -> Bool { name == file || ShardName(name)?.whole == file }

  /// `3-of-8`
  var label: String { Self.label(number, of: count) }

  static func label(_ number: Int, of count: Int) -> String { "\(number)-of-\(count)" }

  /// The smallest number of shards of which all are among these.
  static func complete(_ names: [ShardName]) -> Int? {
    let found = Dictionary(grouping: names, by: \.count).mapValues { Set($0.map(\.number)).count }
    return found.filter { $0.key == $0.value }.keys.min()
  }

  /// The names of all shards that are not among these, in order.
  static func missing(_ names: [ShardName]) -> [String] {
    var found: [Int: Set<Int>] = [:]
    for name in names { found[name.count, default: []].insert(name.number) }
    return found.keys.sorted().flatMap { count in
      (1...count).filter { found[count]?.contains($0) != true }.map { label($0, of: count) }
    }
  }
}
