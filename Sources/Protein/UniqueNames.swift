// Distinct file names for records whose names may be the same.

/// Assigns names so that no two are the same, even on a case-insensitive file system.
///
/// The first record of a name keeps it, the next become `name_2`, `name_3`, … . Where such a name is taken, because a
/// record before was called so, the number grows further. A name depends on the records before alone: it stays when
/// records are added at the end of the input, and it is the same for a command that reads one record at a time and one
/// that reads all of them.
package struct UniqueNames: Sendable {
  /// Hashes of the case-folded names in use: 8 bytes per name, whatever its length, so that a proteome is no
  /// burden. On a hash collision the second name merely gets a suffix that it does not need.
  private var given: Set<UInt64> = []
  private var nextSuffix: [String: Int] = [:]
  /// Whether names that differ in case alone are the same.
  private let foldsCase: Bool

  /// Creates the register. With `foldsCase` names that differ in case alone are the same, as those of files may be.
  package init(foldsCase: Bool = true) { self.foldsCase = foldsCase }

  private func folded(_ name: String) -> String { foldsCase ? name.lowercased() : name }

  /// FNV-1a: the same in every run.
  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// The name itself if free, else with the first free suffix; at most ``FileName/longest`` characters if the name
  /// has no more.
  package mutating func claim(_ name: String) -> String {
    let folded = folded(name)
    if given.insert(Self.hash(folded)).inserted { return name }
    var suffix = nextSuffix[folded, default: 2]
    while true {
      let ending = "_\(suffix)"
      let candidate = name.prefix(max(FileName.longest - ending.count, 1)) + ending
      let hash = Self.hash(self.folded(String(candidate)))
      suffix += 1
      if given.insert(hash).inserted {
        nextSuffix[folded] = suffix
        return String(candidate)
      }
    }
  }
}
