// Why a tar cannot be read as results of folding, or written to.

import Platform

/// Why a tar cannot be read as results of folding, or written to.
enum TarError: SystemErrorWrapping {
  /// A call to the system failed.
  case system(SystemError)
  /// The file is another one.
  case other(path: String, found: String)
  /// At a place is something that no interrupted run leaves.
  case damaged(path: String, offset: Int, found: String, expected: String)
  /// Somebody has added a file.
  case foreign(path: String, offset: Int, member: String)
  /// What a record has is not what was written.
  case changed(path: String, record: String)
}

extension TarError: CustomStringConvertible {
  var description: String {
    switch self {
    case .system(let error): error.sentence
    case .other(let path, let found):
      "\(visiblePath(path)): found \(found), expected a tar that esmfold fold has begun"
        + "\nhint: choose another output, or move the file away; a folder is unpacked from other tars with `tar xf`"
    case .damaged(let path, let offset, let found, let expected):
      "\(visiblePath(path)): byte \(offset): found \(found), expected \(expected)" + Self.hint(keeping: offset)
    case .foreign(let path, let offset, let member):
      "\(visiblePath(path)): found \(quoted(member)) behind the results, expected files of esmfold alone"
        + Self.hint(keeping: offset)
    case .changed(let path, let record):
      "\(visiblePath(path)): \(quoted(record)): found other bytes than were written, expected those of its SHA-256"
        + "\nhint: unpack what is whole with `tar xf`, and fold the others again"
    }
  }

  private static func hint(keeping offset: Int) -> String {
    "\nhint: `head -c \(offset) FILE.tar > NEW.tar` keeps the results before it, with which the same command goes on"
  }
}
