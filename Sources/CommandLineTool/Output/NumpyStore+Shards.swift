// A folder of NumPy files that several shards write.

import Platform

extension NumpyStore {
  static let indexName = "index.tsv", settingsName = "settings.json"

  /// Which records of an input a run computes.
  struct Part {
    /// nil: all.
    var shard: Shard?
    /// Hashes of the names of a shard's records.
    private var names: Set<UInt64> = []

    init() {}

    init(_ input: LanguageInput) {
      shard = input.share?.shard
      guard shard != nil else { return }
      var names: Set<UInt64> = []
      _ = input.forEach(nil) {
        names.insert(shortHash($0.name.utf8))
        return true
      }
      self.names = names
    }

    func path(of name: String) -> String { shard?.path(of: name) ?? name }

    /// Whether a file of an array may be of one of these records: what another shard is writing must be left alone, also
    /// where the file system does not say that it is being written.
    func has(file: String) -> Bool {
      guard shard != nil else { return true }
      let whole = file.dropLast(".npy".count), dot = whole.lastIndex(of: ".") ?? whole.endIndex
      return [whole, whole[..<dot]].contains { names.contains(shortHash($0.utf8)) }
    }
  }
}
