// The first line of an A3M of ColabFold.

/// The chains that the query of an A3M is made of.
package struct A3MQuery: Hashable, Sendable {
  /// A chain's residues, and how often it is there. The query has each chain once.
  package struct Chain: Hashable, Sendable {
    package let length: Int, copies: Int
  }

  package let chains: [Chain]

  /// Reads a line `#20,31<tab>1,2`, in which the second list says how often each chain is there; nil for any other line.
  init?(_ line: [UInt8]) {
    guard line.first == UInt8(ascii: "#") else { return nil }
    let lists = line.dropFirst().split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { list in
      list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        .compactMap { Int(String(decoding: $0, as: UTF8.self)) }.filter { $0 > 0 }
    }
    let commas = line.count { $0 == UInt8(ascii: ",") }
    // As many numbers as there are between the signs: none of them is missing or something else.
    let most = FASTAParser.longestSequence
    guard lists.count == 2, lists[0].count == lists[1].count, lists[0].count * 2 == commas + 2,
      lists[0].allSatisfy({ $0 <= most }), lists[1].allSatisfy({ $0 <= most }),
      zip(lists[0], lists[1]).reduce(0, { $0 + $1.0 * $1.1 }) <= most
    else { return nil }
    chains = zip(lists[0], lists[1]).map { Chain(length: $0, copies: $1) }
  }
}
