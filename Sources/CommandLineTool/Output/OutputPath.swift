// Which paths may be written to, checked before the work begins.

import Glibc
import Platform

enum OutputPath {
  /// Whether this is written to directly and must not be replaced: /dev/null, a named pipe, or /dev/stdout and the
  /// like, which are links to open files.
  static func isStream(_ path: String) -> Bool {
    if path.hasPrefix("/dev/"), !path.hasPrefix("/dev/shm/"),
      (try? FileStatus(of: path, followsLink: false))?.kind == .link
    {
      return true
    }
    guard let kind = FileStatus.kind(of: path) else { return false }
    return kind != .file && kind != .folder
  }

  /// Throws when the result file would be one of the inputs or a device, or its folder does not exist.
  static func check(_ path: String, inputs: [String]) throws(OutputError) {
    if let identity = FileIdentity(path), inputs.contains(where: { FileIdentity($0) == identity }) {
      throw .isInput(path: path)
    }
    if path.isFolder {
      throw .system(path: path, action: "write", code: EISDIR)
    }
    guard !isStream(path) else { throw .isStream(path: path) }
    do throws(SystemError) {
      _ = try FileStatus(of: path.folder)
    } catch {
      throw .system(error.renamed(path: error.path, action: "write in"))
    }
  }
}
