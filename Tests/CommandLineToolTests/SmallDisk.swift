// A file system small enough for programs to fill.

import Foundation
import Testing

/// An in-memory file system that only the tested program sees.
enum SmallDisk {
  static let canBeMade: Bool = {
    guard let scratch = try? ScratchFolder() else { return false }
    return (try? run(kilobytes: 12, at: scratch.path, "true", []))?.status == 0
  }()

  /// Runs a script in `folder/small`, which has this much space; the words are its arguments.
  static func run(
    kilobytes: Int, at folder: String, _ script: String, _ words: [String], input: Data? = nil,
    environment: [String: String] = [:]
  ) throws -> Binary.Ran {
    let small = "'\(folder)/small'"
    let mount = "mkdir -p \(small) && mount -t tmpfs -o size=\(kilobytes)k tmpfs \(small) || exit 99\n"
    return try Binary.run(
      ["--user", "--map-root-user", "--mount", "/bin/bash", "-c", mount + "cd \(small)\n" + script, "bash"] + words,
      executable: "/usr/bin/unshare", input: input, environment: environment)
  }
}
