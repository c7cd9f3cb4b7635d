// Runs the built `esmfold` as a user would.

import Foundation
import TestSupport
import Testing

enum Binary {
  /// A process's output and exit status.
  struct Ran {
    /// The exit status; nil if a signal ended the process.
    let status: Int32?
    /// The signal that ended the process; nil if it exited.
    var signal: Int32?
    let output: String
    let error: String
  }

  /// The program is beside the running test bundle.
  static let path: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("esmfold").path
  }()

  /// The environment of a fresh machine; models imported by a test land in `cache`.
  static func environment(cache: String) -> [String: String] {
    [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": cache, "ESMFOLD_CACHE": cache, "ESMFOLD_THREADS": "1",
      "LC_ALL": "C",
      // A trap would take minutes to print its backtrace.
      "SWIFT_BACKTRACE": "enable=no",
    ]
  }

  /// Run to the end.
  ///
  /// - Parameters:
  ///   - arguments: the words after the program's name.
  ///   - executable: another program to run.
  ///   - input: the content of standard input; nil for none.
  ///   - environment: variables to add or replace.
  ///   - place: where a hang is recorded.
  /// - Returns: what the process wrote and how it ended.
  /// - Throws: an error if the process cannot be started.
  static func run(
    _ arguments: [String], executable: String = path, input: Data? = nil, environment: [String: String] = [:],
    place: SourceLocation = #_sourceLocation
  ) throws -> Ran {
    let started = try Started(arguments, executable: executable, input: input, environment: environment)
    return started.ended(within: ChildProcess.limit, place)
  }

  /// A running process. None outlives the test that started it.
  final class Started {
    private let scratch: ScratchFolder
    private let words: [String]
    let process: ChildProcess

    init(
      _ arguments: [String], executable: String = path, input: Data? = nil, environment: [String: String] = [:],
      keepsInputOpen: Bool = false, blocked: [Int32] = []
    ) throws {
      scratch = try ScratchFolder()
      words = [executable] + arguments
      process = try ChildProcess(
        executable, arguments,
        environment: Binary.environment(cache: scratch.path + "/cache").merging(environment) { $1 },
        input: keepsInputOpen ? .open : .content(Array(input ?? Data())), blocked: blocked)
    }

    var isRunning: Bool { process.isRunning }

    /// The processor time that it has used, in hundredths of a second.
    var processorTime: Int { process.processorTime }

    /// The process's output on standard error so far.
    var errorSoFar: String { process.errorSoFar }

    func send(_ signal: Int32) { process.send(signal) }

    /// Waits until a condition holds or the process has ended; it is a failure if neither happens.
    func wait(_ place: SourceLocation = #_sourceLocation, until condition: () -> Bool) {
      let isOver = holds { condition() || !isRunning }
      if !isOver { Issue.record("waited in vain for \(words)", sourceLocation: place) }
    }

    /// The same for a process that mostly waits: other tests run in the meantime.
    func endedAfterAWait(_ place: SourceLocation = #_sourceLocation) async throws -> Ran {
      let limit = ContinuousClock.now + .seconds(ChildProcess.limit)
      while isRunning, ContinuousClock.now < limit { try await Task.sleep(for: .milliseconds(5)) }
      return ended(within: 0, place)
    }

    /// Waits for the end; a process that exceeds the limit is killed with its group, which is a failure.
    func ended(within seconds: Double = ChildProcess.limit, _ place: SourceLocation = #_sourceLocation) -> Ran {
      let ending = process.ended(within: seconds)
      var status: Int32?, signal: Int32?
      switch ending {
      case .exited(let code): status = code
      case .signalled(let number): signal = number
      case .killedAtTheLimit:
        Issue.record(
          "still running after \(seconds) s: \(words)\n\(errorSoFar)", sourceLocation: place)
      }
      return Ran(status: status, signal: signal, output: process.outputSoFar, error: process.errorSoFar)
    }
  }

  /// Fold with the demo model into `folder`.
  static func fold(
    _ files: [String], to folder: String, _ options: [String] = [], input: Data? = nil,
    _ place: SourceLocation = #_sourceLocation
  ) throws -> Ran {
    try run(["fold"] + files + ["-o", folder, "--model", "demo"] + options, input: input, place: place)
  }
}

/// The warning that every run with the demo model must print.
let demoNotice = "of no scientific use"

/// Short proteins for tests that do not examine the structure.
let shortFasta = ">p1 first\nGIVEQCCTSICSLYQLENYCN\n>p2 second\nNLYIQWLKDGGPSSGRPPPS\n"

/// The rows of a summary as fields, without the header.
func summaryRows(_ text: String) -> [[String]] {
  text.split(separator: "\n").dropFirst()
    .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
}
