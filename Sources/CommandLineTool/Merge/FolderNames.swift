// The tables in a folder of results; there are few, whatever the number of results.

import Platform

/// Names of the tables in a folder.
struct FolderNames {
  private(set) var summaries: [String] = []
  private(set) var indices: [String] = []
  /// Of NumPy files.
  private(set) var settings: [String] = []

  init(_ folder: String) throws(ResultsError) {
    var summaries: [String] = [], indices: [String] = [], settings: [String] = []
    do throws(SystemError) {
      try Folder.forEachName(in: folder) { entry in
        // s(ummary, ettings) and i(ndex)
        guard entry.name[0] == UInt8(ascii: "s") || entry.name[0] == UInt8(ascii: "i") else { return }
        let name = entry.name.text
        if ShardName.isPart(name, of: "summary.tsv") { summaries.append(name) }
        if ShardName.isPart(name, of: "index.tsv") { indices.append(name) }
        if ShardName.isPart(name, of: "settings.json") { settings.append(name) }
      }
    } catch {
      throw .system(error)
    }
    (self.summaries, self.indices, self.settings) =
      (summaries.inShardOrder, indices.inShardOrder, settings.inShardOrder)
  }

  /// Whether a file is one of them.
  func contains(_ name: String) -> Bool {
    summaries.contains(name) || indices.contains(name) || settings.contains(name)
  }
}
