// Why a result could not be written.

import Glibc
package import Platform

/// Why a result could not be written.
package enum OutputError: SystemErrorWrapping, Sendable {
  /// A call to the system failed.
  case system(SystemError)
  /// The output is also an input.
  case isInput(path: String)
  /// `summary.tsv` begins with a line that is not ours.
  case foreignSummary(path: String)
  /// What an interrupted run left was made with other settings; `left` holds it, for the result `path`.
  case otherSettings(path: String, left: String)
  /// The result that is there was made with other settings.
  case otherResult(path: String)
  /// What is there is no result of this command.
  case foreignResult(path: String)
  /// What an interrupted run left has records that the input does not have.
  case otherInput(path: String, left: String, count: Int)
  /// Another process is writing the same result.
  case inUse(path: String)
  /// The results would not fit on the disk.
  case noRoom(path: String, free: Int, needed: Int)
  /// The output is a device or a pipe, where a file is needed.
  case isStream(path: String)
  /// The result cannot be made for this reason.
  case unwritable(any Error)

  /// Whether there is no room left, so that further results cannot be written either.
  package var isDiskFull: Bool {
    guard case .system(let error) = self else { return false }
    return error.isDiskFull
  }
}

extension OutputError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let error):
      let hint =
        switch error.code {
        case ENOSPC, EDQUOT: "\nhint: make room and give the same command again; finished results are kept"
        case EFBIG: "\nhint: a limit on the size of files is in force (ulimit -f)"
        default: ""
        }
      return error.sentence + hint
    case .isInput(let path):
      return "\(path): the output is also an input\nhint: choose another output folder or file"
    case .foreignSummary(let path):
      return "\(path): found another table, expected the summary of an earlier run"
        + "\nhint: choose another output folder, or move the file away"
    case .otherSettings(let path, let left):
      return "\(path): \(left): found the results of an interrupted run with other settings, expected the same"
        + "\nhint: give the same options as before to go on, or --overwrite to start anew"
    case .otherResult(let path):
      return "\(path): found results with other settings, expected the same"
        + "\nhint: choose another output, or --overwrite to replace it"
    case .foreignResult(let path):
      return "\(path): found another file, expected none, or results of the same command"
        + "\nhint: choose another output, or --overwrite to replace it"
    case .otherInput(let path, let left, let count):
      return "\(path): \(left): found \(count) finished \(count == 1 ? "record" : "records") that the input does not "
        + "have, expected those of an interrupted run with the same input"
        + "\nhint: give the same files as before to go on, or --overwrite to start anew"
    case .inUse(let path):
      return "\(path): found another process writing it, expected none\nhint: give each process an output of its own"
    case .noRoom(let path, let free, let needed):
      return "\(path): disk: found \(byteCount(free)) free, expected \(byteCount(needed)) for these results"
        + "\nhint: --pool mean, --dtype float16 and fewer --layers or --include make results smaller"
    case .isStream(let path):
      return "\(path): output: found a device or a pipe, expected a file, for random access"
    case .unwritable(let error):
      return Hints.message(of: error)
    }
  }
}
