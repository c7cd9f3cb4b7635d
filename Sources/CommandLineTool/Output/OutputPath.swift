// What may be written to, asked before the work begins.

import Glibc

enum OutputPath {
  /// Whether there is something that is written to as it is, and must not be replaced: /dev/null, a named pipe, or
  /// /dev/stdout and its like, which are links to what is open already, be it a file.
  static func isStream(_ path: String) -> Bool {
    var status = stat()
    if path.hasPrefix("/dev/"), !path.hasPrefix("/dev/shm/"), lstat(path, &status) == 0,
      status.st_mode & S_IFMT == S_IFLNK
    {
      return true
    }
    guard stat(path, &status) == 0 else { return false }
    return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  /// Throws when the result file would be one of the inputs or a device, or its folder is not there.
  static func check(_ path: String, inputs: [String]) throws(OutputError) {
    if let identity = FileIdentity(path), inputs.contains(where: { FileIdentity($0) == identity }) {
      throw .isInput(path: path)
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw .system(path: path, action: "write", code: EISDIR)
    }
    guard !isStream(path) else { throw .isStream(path: path) }
    let folder = splitPath(path).folder
    if !folder.isEmpty, stat(folder, &status) != 0 { throw .system(path: folder, action: "write in", code: errno) }
  }
}
