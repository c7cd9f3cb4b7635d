// Runs the built `esmfold` as a user would.

import Foundation
import Glibc
import Testing

enum Binary {
  /// What a process wrote and how it ended.
  struct Ran {
    /// The exit status; nil when a signal ended the process.
    let status: Int32?
    let output: String
    let error: String
  }

  /// The program lies beside the bundle of tests that is running.
  static let path: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("esmfold").path
  }()

  /// The environment of a fresh machine; models imported by a test land in `cache`.
  static func environment(cache: String) -> [String: String] {
    [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": cache, "ESMFOLD_CACHE": cache, "ESMFOLD_THREADS": "1",
      "LC_ALL": "C",
    ]
  }

  /// Run to the end.
  ///
  /// - Parameters:
  ///   - arguments: the words after the program's name.
  ///   - executable: another program to run.
  ///   - input: the content of standard input; empty where it is nil.
  ///   - environment: variables to add or replace.
  /// - Returns: what the process wrote and how it ended.
  /// - Throws: an error when the process cannot be started.
  static func run(
    _ arguments: [String], executable: String = path, input: Data? = nil, environment: [String: String] = [:]
  ) throws -> Ran {
    let started = try Started(arguments, executable: executable, input: input, environment: environment)
    return try started.ended()
  }

  /// A process under way. Its output goes to files, so that it never waits for a reader.
  final class Started {
    private let scratch: ScratchFolder
    private let process = Process()
    /// A standard input on which nothing ever comes and which never ends.
    private let openInput = Pipe()

    init(
      _ arguments: [String], executable: String = path, input: Data? = nil, environment: [String: String] = [:],
      keepsInputOpen: Bool = false
    ) throws {
      scratch = try ScratchFolder()
      process.executableURL = URL(fileURLWithPath: executable)
      process.arguments = arguments
      process.environment = Binary.environment(cache: scratch.path + "/cache").merging(environment) { $1 }
      let inputPath = try scratch.file("stdin", input ?? Data())
      if keepsInputOpen {
        process.standardInput = openInput
      } else {
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: inputPath))
      }
      process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.file("stdout", "")))
      process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.file("stderr", "")))
      try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// What the process has written to standard error so far.
    var errorSoFar: String { (try? scratch.text("stderr")) ?? "" }

    func send(_ signal: Int32) {
      kill(process.processIdentifier, signal)
    }

    /// Wait for the end, or kill the process after `seconds`.
    func ended(within seconds: Double = 300) throws -> Ran {
      let limit = Date(timeIntervalSinceNow: seconds)
      while process.isRunning, Date() < limit { usleep(5_000) }
      if process.isRunning {
        Issue.record("still running after \(seconds) s: \(process.arguments ?? [])")
        send(SIGKILL)
      }
      process.waitUntilExit()
      return Ran(
        status: process.terminationReason == .exit ? process.terminationStatus : nil,
        output: String(decoding: try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/stdout")), as: UTF8.self),
        error: String(decoding: try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/stderr")), as: UTF8.self))
    }
  }

  /// Fold with the demo model into `folder`.
  static func fold(_ files: [String], to folder: String, _ options: [String] = [], input: Data? = nil) throws -> Ran {
    try run(["fold"] + files + ["-o", folder, "--model", "demo"] + options, input: input)
  }
}

/// What every run with the demo model must say.
let demoNotice = "of no scientific use"

/// Short proteins for tests that do not look at the structure.
let shortFasta = ">p1 first\nGIVEQCCTSICSLYQLENYCN\n>p2 second\nNLYIQWLKDGGPSSGRPPPS\n"

/// The rows of a summary as fields, without the header.
func summaryRows(_ text: String) -> [[String]] {
  text.split(separator: "\n").dropFirst()
    .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
}
