// Distinct file names for records whose names may be the same.

/// Assigns names so that no two are the same, even on a case-insensitive file system.
///
/// The first record of a name keeps it, the next become `name_2`, `name_3`, … . A name that belongs to another record
/// (`reserving`) is never made by adding a suffix, so a record's file name depends on earlier records only if they
/// have the same name.
package struct UniqueNames: Sendable {
  /// Hashes of the case-folded names in use: 8 bytes per name, whatever its length, so that a proteome is no
  /// burden. On a hash collision the second name merely gets a suffix that it does not need.
  private var given: Set<UInt64> = []
  private let reserved: Set<UInt64>
  private var nextSuffix: [String: Int] = [:]
  /// Whether names that differ in case alone are the same.
  private let foldsCase: Bool

  /// Creates the register; `reserving` are the names of all records to come, as far as they are known. With `foldsCase`
  /// names that differ in case alone are the same, as those of files may be.
  package init(reserving names: some Sequence<String> = [], foldsCase: Bool = true) {
    self.foldsCase = foldsCase
    reserved = Set(names.map { Self.hash(foldsCase ? $0.lowercased() : $0) })
  }

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
      if !reserved.contains(hash) && given.insert(hash).inserted {
        nextSuffix[folded] = suffix
        return String(candidate)
      }
    }
  }

  /// All names of a run made unique, in order.
  package static func all(_ names: [String]) -> [String] {
    var register = UniqueNames(reserving: names)
    return names.map { register.claim($0) }
  }
}
