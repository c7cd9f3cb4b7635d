// A worker's private folder, in memory if the system has a place for that: the readers take paths.

import Glibc

/// Where inputs are while they are read; the folder is removed with the last reference.
package final class Workbench: Sendable {
  package let folder: String

  package init() throws(FuzzError) {
    let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(base)/esmfold-fuzz-XXXXXX".utf8CString)
    guard let path = mkdtemp(&template) else { throw .system(path: base, call: "mkdtemp", code: errno) }
    folder = String(cString: path)
  }

  deinit { Self.remove(folder) }

  /// Removes a folder with its contents.
  static func remove(_ path: String) {
    for name in FileBytes.names(in: path) { remove("\(path)/\(name)") }
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
    if let slash = name.lastIndex(of: "/") { mkdir("\(folder)/\(name[..<slash])", 0o755) }
    try FileBytes.write(bytes, to: path)
    return path
  }
}

/// Whole files.
package enum FileBytes {
  package static func read(_ path: String) throws(FuzzError) -> [UInt8] {
    guard let file = fopen(path, "r") else { throw .system(path: path, call: "open", code: errno) }
    defer { fclose(file) }
    var bytes: [UInt8] = [], piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&piece, 1, piece.count, file)
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
  }

  static func write(_ bytes: [UInt8], to path: String) throws(FuzzError) {
    guard let file = fopen(path, "w") else { throw .system(path: path, call: "open", code: errno) }
    let count = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, count == bytes.count else { throw .system(path: path, call: "write", code: errno) }
  }

  /// The names in a folder, sorted; none if there is no such folder.
  static func names(in path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
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
      for name in FileBytes.names(in: "\(self.folder)/\(folder)") where endings.contains(where: name.hasSuffix) {
        let bytes = try FileBytes.read("\(self.folder)/\(folder)/\(name)")
        if bytes.count <= Subject.largestInput { result.append(bytes) }
      }
    }
    return result
  }
}
