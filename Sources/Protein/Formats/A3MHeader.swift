// The first line of an A3M of ColabFold.

enum A3MHeader {
  /// The lengths of the query's chains in a line `#20,31<tab>1,2`, in which the second list says how often each is there;
  /// nil for any other line.
  static func chains(_ line: [UInt8]) -> [Int]? {
    guard line.first == UInt8(ascii: "#") else { return nil }
    let lists = line.dropFirst().split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { list in
      list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        .compactMap { Int(String(decoding: $0, as: UTF8.self)) }.filter { $0 > 0 }
    }
    let commas = line.count { $0 == UInt8(ascii: ",") }
    // As many numbers as there are between the signs: none of them is missing or something else.
    guard lists.count == 2, lists[0].count == lists[1].count, lists[0].count * 2 == commas + 2 else { return nil }
    return lists[0]
  }
}
