// Runs workers, kills those that hang or use too much memory, and keeps the inputs that ended one.

import Glibc
import Platform

/// The outcome of fuzzing a reader.
struct Outcome {
  let name: String
  var seconds = 0.0
  var inputs = 0, refused = 0, slowest = 0, memory = 0
  /// Files with inputs that ended a worker.
  var findings: [String] = []
}

/// Fuzzes one reader in successive worker processes.
struct Supervisor {
  let subject: Subject
  let seconds: Int
  let seed: UInt64
  /// Where findings, logs and the corpus go.
  let folder: String

  /// An input that takes longer is a finding: seconds of processor time, or of wall-clock time if nothing progresses.
  static let longest = 10, longestStandstill = 100
  /// A worker that uses more memory than this, in bytes, is a finding. The address sanitizer doubles memory use.
  static let mostMemory = 1536 << 20
  /// A reader with this many findings needs no more.
  static let mostFindings = 100

  func run() throws(FuzzError) -> Outcome {
    var outcome = Outcome(name: subject.name)
    let start = Status.now(), corpus = "\(folder)/corpus-\(subject.name)"
    try FuzzError.wrapping(try Folder.create(corpus))
    var round: UInt64 = 0
    while true {
      outcome.seconds = Double(Status.now() - start) / 1e9
      let left = seconds - Int(outcome.seconds)
      guard left > 0, outcome.findings.count < Self.mostFindings else { return outcome }
      try work(&outcome, corpus, seed: seed &+ round, seconds: left)
      round += 1
    }
  }

  /// One worker from start to end.
  private func work(_ outcome: inout Outcome, _ corpus: String, seed: UInt64, seconds: Int) throws(FuzzError) {
    let statusPath = "\(folder)/status-\(subject.name)", log = "\(folder)/\(subject.name).log"
    unlink(statusPath)
    let status = try Status(statusPath)
    let words = WorkerOptions.words(subject, status: statusPath, corpus: corpus, seed: seed, seconds: seconds)
    let process = try Self.spawn(words, log: log)
    let kind = Self.wait(process, status)
    outcome.inputs += status[.inputs]
    outcome.refused += status[.refused]
    outcome.slowest = max(outcome.slowest, status[.slowest])
    outcome.memory = max(outcome.memory, status[.memory])
    unlink(statusPath)
    guard let kind else { return }
    let input = status.input
    let hash = shortHash(input)
    let name = "\(folder)/\(subject.name)-\(kind)-\(String(hash, radix: 16))"
    try FuzzError.wrapping(try WholeFile.write(input, to: name))
    rename(log, "\(name).log")
    outcome.findings.append(name)
    FuzzCommand.error("\(subject.name): \(kind): \(name) (\(input.count) bytes, seed \(seed))\n")
  }

  /// Waits for a process; nil if it ended normally, else what ended it.
  private static func wait(_ process: pid_t, _ status: Status) -> String? {
    var result: Int32 = 0, clock = clockid_t()
    clock_getcpuclockid(process, &clock)
    var lastSeen = (inputs: -1, at: 0, spent: 0)
    while waitpid(process, &result, WNOHANG) == 0 {
      usleep(100_000)
      let now = Status.now(), spent = Status.now(clock)
      if status[.inputs] != lastSeen.inputs { lastSeen = (status[.inputs], now, spent) }
      // A busy machine can stall a process for seconds: that is not a hang.
      let hangs =
        spent - lastSeen.spent > longest * 1_000_000_000 || now - lastSeen.at > longestStandstill * 1_000_000_000
      let swells = residentBytes(process) > mostMemory
      guard hangs || swells else { continue }
      kill(process, SIGKILL)
      waitpid(process, &result, 0)
      return hangs ? "hang" : "memory"
    }
    if result & 0x7F != 0 { return "signal\(result & 0x7F)" }
    // Between inputs, it was the mutator that failed.
    return result == 0 ? nil : status[.started] == 0 ? "mutator" : "crash"
  }

  private static func residentBytes(_ process: pid_t) -> Int {
    guard let text = try? WholeFile.read("/proc/\(process)/statm") else { return 0 }
    let words = String(decoding: text, as: UTF8.self).split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * Int(getpagesize()) : 0
  }

  private static func spawn(_ words: [String], log: String) throws(FuzzError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var arguments: [UnsafeMutablePointer<CChar>?] = (["/proc/self/exe"] + words).map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, "/proc/self/exe", &actions, nil, &arguments, environ)
    guard code == 0 else { throw .system(path: "/proc/self/exe", action: "posix_spawn", code: code) }
    return process
  }
}
