// A worker's private folder, in memory if the system has a place for that: the readers take paths.

import Glibc
import Platform

/// Where inputs are while they are read; the folder is removed with the last reference.
package final class Workbench: Sendable {
  package let folder: String

  package init() throws(FuzzError) {
    let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    folder = try FuzzError.wrapping(try Folder.createTemporary("\(base)/esmfold-fuzz-"))
  }

  deinit { Self.remove(folder) }

  /// Removes a folder with its contents.
  static func remove(_ path: String) {
    for name in (try? Folder.names(in: path)) ?? [] { remove("\(path)/\(name)") }
    if rmdir(path) != 0 { unlink(path) }
  }

  /// The path of `name` in the folder.
  package func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Removes a file.
  func remove(_ name: String) { unlink(path(name)) }

  /// Writes a file, replacing an existing one, and returns its path.
  @discardableResult
  package func write(_ bytes: [UInt8], as name: String) throws(FuzzError) -> String {
    let path = path(name)
    try FuzzError.wrapping(try Folder.create(path.folder))
    try FuzzError.wrapping(try WholeFile.write(bytes, to: path))
    return path
  }
}

/// The files that inputs are made of: the tests' fixtures.
package struct SeedFiles: Sendable {
  /// The folder Tests/Fixtures.
  package let folder: String

  package init(folder: String) { self.folder = folder }

  /// The fixtures in the sources that this program was built from.
  package static func standard(file: String = #filePath) -> SeedFiles {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    return SeedFiles(folder: parts.joined(separator: "/") + "/Tests/Fixtures")
  }

  /// The contents of all files in folders that end in one of `endings`; files that are too large are left out.
  func contents(_ folders: String..., endings: [String]) throws(FuzzError) -> [[UInt8]] {
    var result: [[UInt8]] = []
    for folder in folders {
      for name in (try? Folder.names(in: "\(self.folder)/\(folder)")) ?? []
      where endings.contains(where: name.hasSuffix) {
        let bytes = try FuzzError.wrapping(try WholeFile.read("\(self.folder)/\(folder)/\(name)"))
        if bytes.count <= Subject.largestInput { result.append(bytes) }
      }
    }
    return result
  }
}
