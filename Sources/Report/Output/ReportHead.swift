// What a report says of itself.

import ESMFoldKit
import Platform

/// Title, time and program of a report.
struct ReportHead {
  let title: String
  /// ISO 8601.
  let made: String
  /// Name and version.
  let program: String
  /// Tells the data scripts of this report from those of others in the same place.
  let stamp: String

  /// - Parameters:
  ///   - title: The heading of the page.
  ///   - path: Where it is written.
  init(title: String, path: String) {
    self.title = title
    made = utcTime()
    program = ESMFoldKit.program
    let hash = shortHash(Array("\(made) \(program) \(title) \(path)".utf8))
    stamp = hexadecimal((0..<4).map { UInt8(truncatingIfNeeded: hash >> (8 * $0)) })
  }
}
