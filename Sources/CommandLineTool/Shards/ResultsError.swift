// Why results cannot be looked through or merged.

import ESMFoldKit
package import Platform

/// Why results cannot be looked through or merged.
package enum ResultsError: SystemErrorWrapping, Sendable {
  /// A call to the system failed.
  case system(SystemError)
  /// A file is another one than its name says.
  case noTable(path: String, found: String, expected: String)
  /// There is nothing of the kind at a place.
  case nothing(path: String, expected: String, hint: String)
  /// The files of some shards are not there; perhaps all of a division into another number of shards are.
  case missingShards(path: String, names: [String], complete: Int?)
  /// Two files have results of the same name that differ.
  case different(name: String, first: String, second: String, what: String)
  /// Files were made with different settings.
  case otherSettings(first: String, second: String, found: String, expected: String)
  /// A line of a table speaks of a file that is not there, or not as it says.
  case damaged(path: String, name: String, found: String, expected: String)
  /// A record of the input has other results than its own, in words.
  case otherInput(name: String, String)
  /// Something is in the place of the output.
  case occupied(path: String, found: String, hint: String = "choose another output")
  /// A file cannot be read for a reason of its own.
  case unreadable(any Error)
}

extension ResultsError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let error): return error.sentence
    case .noTable(let path, let found, let expected):
      return "\(visiblePath(path)): found \(found), expected \(expected)"
    case .nothing(let path, let expected, let hint):
      return "\(visiblePath(path)): found none, expected \(expected)\nhint: \(hint)"
    case .missingShards(let path, let names, let complete):
      let shown = names.prefix(10).joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
      return "\(visiblePath(path)): shards: found none of \(shown), expected all"
        + (complete.map {
          "\nhint: all of \($0) shards are there: move those of another number away, or --partial merges them, too"
        } ?? "\nhint: run these shards; --partial merges what is there")
    case .different(let name, let first, let second, let what):
      return "\(quoted(name)): found \(what) in \(visiblePath(first)) and \(visiblePath(second)), expected the same"
        + "\nhint: move the wrong one away; it may be of another sequence, which esmfold status tells, or have other settings"
    case .otherSettings(let first, let second, let found, let expected):
      return "\(visiblePath(second)): found results with \(visible(found)), expected \(visible(expected)) as in "
        + "\(visiblePath(first))\nhint: merge results of one model and the same settings only"
    case .damaged(let path, let name, let found, let expected):
      return "\(visiblePath(path)): \(quoted(name)): found \(found), expected \(expected)"
    case .otherInput(let name, let reason):
      return "\(quoted(name)): \(visible(reason))"
        + "\nhint: give the input of the run, with the same options; esmfold status --verify tells of all such records"
    case .occupied(let path, let found, let hint):
      return "\(visiblePath(path)): found \(found), expected none\nhint: \(hint)"
    case .unreadable(let error): return Hints.message(of: error)
    }
  }
}
