// Folders of a million files, looked through by two threads: the system takes its time for the size of each.

import ESMFoldKit
import Platform

extension Folder {
  /// Looks at each name in a folder.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - look: What there is to tell of a name; called by two threads.
  ///   - take: Takes that, one by one, in no order.
  /// - Throws: `SystemError`, action `open`.
  static func survey<Found>(
    _ path: String, _ look: (Entry) -> Found?, _ take: (Found) -> Void
  ) throws(SystemError) {
    try forEachNames(in: path, atMost: 4096) { names in
      var lower: [Found] = [], upper: [Found] = []
      let half = names.count / 2
      concurrently {
        for place in 0..<half { if let found = look(names[place]) { lower.append(found) } }
      } _: {
        for place in half..<names.count { if let found = look(names[place]) { upper.append(found) } }
      }
      lower.forEach(take)
      upper.forEach(take)
    }
  }
}
