// Why a result could not be written.

import ESMFoldKit
import Glibc
package import Platform

/// Why a result could not be written.
package enum OutputError: SystemErrorWrapping, Sendable {
  /// A call to the system failed.
  case system(SystemError)
  /// The output is also an input.
  case isInput(path: String)
  /// `summary.tsv` begins with an unknown header.
  case foreignSummary(path: String)
  /// The interrupted run used other settings; its results for `path` are in `left`.
  case otherSettings(path: String, left: String)
  /// The existing result was made with other settings.
  case otherResult(path: String)
  /// The existing fold is not the one that is asked for.
  case otherFold(path: String, FoldDifference)
  /// The existing file begins as the result that is asked for, and ends too early.
  case cutOff(path: String)
  /// The existing tensors are of all iterations, where those of the last are asked for.
  case otherOutputs(path: String)
  /// The results have another sequence under the name of a record.
  case otherSequence(path: String, name: String)
  /// The existing file is not a result of this command.
  case foreignResult(path: String)
  /// The results of the interrupted run have records that the input does not have.
  case otherInput(path: String, left: String, count: Int)
  /// A record of the results so far differs from what was written.
  case damagedJournal(path: String, offset: Int)
  /// Another process is writing the same result.
  case inUse(path: String)
  /// Somebody has removed the file that is being written.
  case gone(path: String)
  /// The results would not fit on the disk.
  case noRoom(path: String, free: Int, needed: Int)
  /// The output is a device or a pipe, where a file is needed.
  case isStream(path: String)
  /// The output is a folder, where a tar is to be written.
  case folderForTar(path: String)
  /// The result cannot be made for this reason.
  case unwritable(any Error)

  /// The reason why a result could not be written, which may be a call to the system.
  package init(_ error: any Error) {
    if let error = error as? OutputError {
      self = error
    } else if let failed = (error as? ModelError)?.systemError {
      self = .system(failed)
    } else {
      self = .unwritable(error)
    }
  }

  /// The reason why a tar cannot be written to.
  init(of error: TarError) {
    if case .system(let failed) = error { self = .system(failed) } else { self = .unwritable(error) }
  }

  /// Whether the disk is full, so that further results cannot be written either.
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
        case ENOSPC, EDQUOT: "\nhint: free some space and run the same command again; finished results are kept"
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
        + "\nhint: give the same options as before to continue, or --overwrite to start over"
    case .otherResult(let path):
      return "\(path): found results with other settings, expected the same"
        + "\nhint: choose another output, or --overwrite to replace it"
    case .otherFold(let path, let difference):
      return "\(path): \(difference.sentence)\nhint: choose another output folder, or --overwrite to replace it"
    case .otherSequence(let path, let name):
      return "\(path): \(quoted(name)): found the results of another sequence, expected those of this record"
        + "\nhint: choose another output, or --overwrite to replace it"
    case .foreignResult(let path):
      return "\(path): found another file, expected none, or results of the same command"
        + "\nhint: choose another output, or --overwrite to replace it"
    case .cutOff(let path):
      return "\(path): found a file that is cut off, expected a whole one"
        + "\nhint: remove it, or --overwrite to compute it again; a copy of it was perhaps interrupted"
    case .otherOutputs(let path):
      return "\(path): found the outputs of all iterations (--save-tensors=all, or a list), expected those of the last "
        + "(--save-tensors)\nhint: choose another output, or --overwrite to replace it"
    case .otherInput(let path, let left, let count):
      return "\(path): \(left): found \(counted(count, "finished record")) that the input does not "
        + "have, expected those of an interrupted run with the same input"
        + "\nhint: give the same files as before to continue, or --overwrite to start over"
    case .damagedJournal(let path, let offset):
      return "\(path): found other bytes than were written at \(offset), expected the results of a record"
        + "\nhint: run the same command again: what is damaged, and what follows, is computed again"
    case .inUse(let path):
      return
        "\(path): found another process writing it, expected none\nhint: give each process its own output, or each a "
        + "--shard; if it is a copy of this one, what it finishes need not be computed again"
    case .gone(let path):
      return "\(path): found no file any more, expected the one that is being written"
        + "\nhint: somebody has removed it; the same command begins it again"
    case .noRoom(let path, let free, let needed):
      return "\(path): disk: found \(byteCount(free)) free, expected \(byteCount(needed)) for these results"
        + "\nhint: --pool mean, --dtype float16 and fewer --layers or --include make results smaller"
    case .isStream(let path):
      return "\(path): output: found a device or a pipe, expected a file, for random access"
    case .folderForTar(let path):
      return "\(path): found a folder, expected a tar, or nothing"
        + "\nhint: `-o \(path)/` writes into the folder"
    case .unwritable(let error):
      return Hints.message(of: error)
    }
  }
}
