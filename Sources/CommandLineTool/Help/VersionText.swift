// What `--version` prints: what one needs to know of a program that has given a result or an error somewhere.

import CArguments
import CZlib
import ESMFoldKit
import Platform
import Transfer

enum VersionText {
  /// The version on a line of its own, as scripts expect it; then commit, instruction sets and libraries.
  static var text: String {
    var lines = ["esmfold \(programVersion)"]
    if let commit = build_commit() { lines.append("commit: \(String(cString: commit))") }
    let system = SystemInfo.current
    lines.append(
      "instruction sets: \(system.instructionSets.joined(separator: ", ")) (in use: \(system.instructionSet))")
    lines.append("libraries: \(libraries.joined(separator: ", "))")
    return lines.map { $0 + "\n" }.joined()
  }

  private static var libraries: [String] {
    var names: [String] = []
    if let version = process_libc_version() { names.append("glibc \(String(cString: version))") }
    if let version = build_swift_version() { names.append("Swift \(String(cString: version))") }
    names.append("zlib \(String(cString: zlibVersion()))")
    names.append("OpenSSL \(RunningDigest.libraryVersion)")
    names.append("libcurl \(TransferLibrary.version ?? "none")")
    return names
  }
}
