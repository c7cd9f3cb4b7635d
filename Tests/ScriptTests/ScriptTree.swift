// A folder with copies of scripts and with fake programs in place of compilers and package managers.

import Foundation
import Glibc

/// A small project for scripts to run in; removed at the end.
final class ScriptTree {
  let path: String

  /// What scripts may call besides a test's fake programs.
  private static let tools = [
    "awk", "basename", "bash", "cat", "chmod", "cmp", "comm", "diff", "dirname", "env", "find", "grep", "head", "mkdir",
    "mktemp", "mv", "nproc", "rm", "sed", "sh", "sleep", "sort", "stdbuf", "tee", "timeout", "true", "wc",
  ]

  /// Creates the folder with copies of these scripts, and only ordinary tools on the path.
  init(_ scripts: [String]) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("script-test-\(UUID().uuidString)")
    path = url.path
    for folder in ["Scripts", "bin"] {
      try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
    }
    for script in scripts { try write("Scripts/\(script)", Self.text("Scripts/\(script)"), isProgram: true) }
    for tool in Self.tools {
      let place = ["/usr/bin", "/bin"].map { "\($0)/\(tool)" }.first { FileManager.default.fileExists(atPath: $0) }
      guard let place else { throw Missing(tool: tool) }
      try FileManager.default.createSymbolicLink(atPath: "\(path)/bin/\(tool)", withDestinationPath: place)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  struct Missing: Error { let tool: String }

  /// A file of this project.
  static func text(_ name: String, from source: String = #filePath) throws -> String {
    let root = URL(fileURLWithPath: source).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
  }

  func write(_ name: String, _ text: String, isProgram: Bool = false) throws {
    let url = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    guard isProgram else { return }
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
    Self.awaitClosing(url.path)
  }

  /// Waits until no process has the file open for writing.
  ///
  /// A process that another test is starting has a copy of our descriptor until it executes its own program, and
  /// the system does not start a program that is open for writing. A read lease is granted once none has.
  private static func awaitClosing(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    // F_SETLEASE, which the C headers define only for GNU programs.
    while fcntl(descriptor, 1024, F_RDLCK) != 0, errno == EAGAIN { usleep(500) }
  }

  func read(_ name: String) -> String? { try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

  /// A program that records its arguments in `log` and then runs `text`.
  func program(_ name: String, _ text: String = "") throws {
    let note = #"echo "${ESMFOLD_ISA:+ESMFOLD_ISA=$ESMFOLD_ISA }$(basename "$0") $*" >> "$TREE/log""#
    try write("bin/\(name)", "#!/bin/sh\n\(note)\n\(text)\n", isProgram: true)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

  /// The arguments of the programs' calls so far.
  var log: [String] { (read("log") ?? "").split(separator: "\n").map(String.init) }

  /// Runs a script of the tree from another working folder.
  func run(_ script: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws
    -> (status: Int32, output: String, error: String)
  {
    let process = Process(), output = Pipe(), errors = "\(path)/errors"
    _ = FileManager.default.createFile(atPath: errors, contents: nil)
    process.executableURL = URL(fileURLWithPath: "\(path)/Scripts/\(script)")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: "/")
    process.environment = environment.merging(["PATH": "\(path)/bin", "TREE": path]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self), read("errors") ?? "")
  }
}
