// Result files: written under a temporary name in the same folder and renamed when complete.

import Glibc

/// Why a result could not be written.
package enum OutputError: Error, Sendable {
  /// A call to the system failed while doing `action`.
  case system(path: String, action: String, code: Int32)
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
  /// The result cannot be made; the sentence says why.
  case unwritable(String)

  /// Whether there is no room left, so that further results cannot be written either.
  package var isDiskFull: Bool {
    guard case .system(_, _, let code) = self else { return false }
    return code == ENOSPC || code == EDQUOT
  }
}

extension OutputError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let path, let action, let code):
      let hint =
        switch code {
        case ENOSPC, EDQUOT: "\nhint: make room and give the same command again; finished results are kept"
        case EFBIG: "\nhint: a limit on the size of files is in force (ulimit -f)"
        default: ""
        }
      return "\(path): cannot \(action): \(systemMessage(code))" + hint
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
    case .unwritable(let sentence):
      return sentence
    }
  }
}

/// A result file on its way: `path` once committed, `temporaryPath` until then.
package struct OutputFile: Sendable {
  package let path: String
  package let temporaryPath: String
  private let registry: TemporaryFiles

  /// - Parameters:
  ///   - path: the final name.
  ///   - registry: remembers the temporary name for removal.
  package init(_ path: String, _ registry: TemporaryFiles) {
    let (folder, name) = splitPath(path)
    self.path = path
    temporaryPath = "\(folder).\(name).part-\(getpid())"
    self.registry = registry
    registry.register(temporaryPath)
  }

  /// Write the whole content under the temporary name and wait until it is on the disk.
  ///
  /// - Throws: `OutputError`; nothing is left behind then.
  package func write(_ bytes: [UInt8]) throws(OutputError) {
    // A file of this name can only be left over from a killed process with the same number.
    unlink(temporaryPath)
    let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure("create", errno) }
    var code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    if code == 0, fsync(descriptor) != 0, errno != EINVAL, errno != EROFS { code = errno }
    // Network file systems report a full disk here at the latest.
    if close(descriptor) != 0, code == 0 { code = errno }
    if code != 0 { throw failure("write", code) }
  }

  /// Wait until a file that somebody else has written under the temporary name is on the disk.
  ///
  /// - Throws: `OutputError`; nothing is left behind then.
  package func synchronize() throws(OutputError) {
    let descriptor = open(temporaryPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("create", errno) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0, errno != EINVAL, errno != EROFS { throw failure("write", errno) }
  }

  /// Remove the unfinished files that killed processes have left for a result; nobody else may be writing it.
  static func removeLeftovers(besides path: String) {
    let (folder, name) = splitPath(path)
    removeLeftovers(in: folder.isEmpty ? "." : folder) { $0 == name }
  }

  /// The same for all results in a folder whose names are meant.
  static func removeLeftovers(in folder: String, _ isMeant: (String) -> Bool) {
    guard let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let target = target(ofLeftover: name), isMeant(target) { unlink(folder + "/" + name) }
    }
  }

  /// The final name of a temporary one, `.NAME.part-PID`.
  private static func target(ofLeftover name: String) -> String? {
    var stem = name[...]
    while let last = stem.last, ("0"..."9").contains(last) { stem.removeLast() }
    guard stem.count < name.count, stem.hasPrefix("."), stem.hasSuffix(".part-") else { return nil }
    return String(stem.dropFirst().dropLast(".part-".count))
  }

  /// Remove the file unless it has been committed.
  package func discard() {
    registry.discard(temporaryPath)
  }

  private func failure(_ action: String, _ code: Int32) -> OutputError {
    discard()
    return .system(path: path, action: action, code: code)
  }
}

package enum OutputFolder {
  /// Create a folder with its parents if need be, and make sure that files can be created in it.
  ///
  /// A trial file is created because permissions alone do not tell: the superuser passes every check, and some file
  /// systems refuse new files all the same.
  ///
  /// - Throws: `OutputError` when the folder cannot be created or nothing can be created in it.
  package static func prepare(_ path: String, _ registry: TemporaryFiles) throws(OutputError) {
    try create(path)
    let trial = OutputFile(path + "/esmfold", registry)
    let descriptor = open(trial.temporaryPath, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      let code = errno
      trial.discard()
      throw .system(path: path, action: "create files in this folder", code: code)
    }
    close(descriptor)
    trial.discard()
  }

  private static func create(_ path: String) throws(OutputError) {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return }
      throw .system(path: path, action: "use as a folder for results", code: ENOTDIR)
    }
    let parent = splitPath(path).folder
    if !parent.isEmpty, parent != path, parent != "/" { try create(String(parent.dropLast())) }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .system(path: path, action: "create the output folder", code: errno)
    }
  }
}

/// The folder part of `path` with its last slash (empty when there is none), and the rest; slashes at the end do not
/// count.
func splitPath(_ path: String) -> (folder: String, name: String) {
  var trimmed = path[...]
  while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
  guard let slash = trimmed.lastIndex(of: "/") else { return ("", String(trimmed)) }
  return (String(trimmed[...slash]), String(trimmed[trimmed.index(after: slash)...]))
}
