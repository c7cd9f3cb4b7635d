// Programs that tests start: each in its own process group, so that a hung one is killed with everything it started.

import Foundation
package import Glibc

/// A running program. Its output goes to files, so that it never waits for a reader.
package final class ChildProcess {
  /// How a process ended.
  package enum Ending: Equatable, Sendable {
    case exited(Int32)
    case signalled(Int32)
    /// It did not end within the limit and was killed with its whole group.
    case killedAtTheLimit
  }

  /// The contents of standard input.
  package enum Input: Sendable {
    case content([UInt8])
    /// What `write` sends, until `closeInput`.
    case open
  }

  package struct Failure: Error, CustomStringConvertible {
    let action: String
    let code: Int32
    package var description: String { "cannot \(action): \(String(cString: strerror(code)))" }
  }

  /// The default time limit, s: far longer than any run takes, even on a busy machine. `ESMFOLD_TEST_LIMIT` sets another one, for
  /// emulated processors.
  package static let limit = ProcessInfo.processInfo.environment["ESMFOLD_TEST_LIMIT"].flatMap(Double.init) ?? 120

  /// The process and its group.
  package let identifier: pid_t
  private let output: CaptureFile
  private let error: CaptureFile
  private var inputEnd: Int32 = -1
  private let end: ProcessEnd

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - executable: the path of its file.
  ///   - arguments: the words after its name.
  ///   - environment: its whole environment.
  ///   - input: the contents of standard input.
  ///   - blocked: signals that are blocked when it starts.
  /// - Throws: `Failure` if it cannot be started.
  package init(
    _ executable: String, _ arguments: [String], environment: [String: String], input: Input = .content([]),
    blocked: [Int32] = []
  ) throws(Failure) {
    // Before the pipe, so that the keeper does not hold it open.
    Keeper.start()
    output = try CaptureFile()
    error = try CaptureFile()
    let source: Int32
    switch input {
    case .content(let bytes):
      let file = try CaptureFile(bytes)
      source = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0)
    case .open:
      (source, inputEnd) = try Self.pipe()
    }
    defer { close(source) }
    do throws(Failure) {
      identifier = try Self.spawn(
        executable, arguments, environment, [source, output.descriptor, error.descriptor], blocked: blocked)
    } catch {
      if inputEnd >= 0 { close(inputEnd) }
      throw error
    }
    Keeper.tell("started", identifier)
    end = ProcessEnd(of: identifier)
  }

  deinit {
    _ = ended(within: 0)
    closeInput()
  }

  /// Whether the process is still running.
  package var isRunning: Bool { end.isRunning }

  /// The processor time that it has used, in hundredths of a second.
  package var processorTime: Int {
    let text = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
    // The name in parentheses before may contain anything. User and system time: fields 14 and 15.
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    return fields.count > 13 ? (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0) : 0
  }

  /// Unread bytes of a standard input that was left open.
  package var unreadInput: Int {
    var count: Int32 = 0
    return ioctl(inputEnd, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
  }

  /// The files that it has open; the path of a removed one ends in ` (deleted)`.
  package var openFiles: [String] {
    let folder = "/proc/\(identifier)/fd"
    let numbers = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return numbers.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
  }

  /// Its current number of threads.
  package var threads: Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(identifier)/task").count) ?? 0
  }

  package func send(_ signal: Int32) { end.send(signal) }

  /// Sends bytes to a standard input that was left open.
  package func write(_ bytes: [UInt8]) { _ = Glibc.write(inputEnd, bytes, bytes.count) }

  /// Closes a standard input that was left open.
  package func closeInput() {
    if inputEnd >= 0 { close(inputEnd) }
    inputEnd = -1
  }

  /// Waits for the end. What is left of the group is killed then.
  ///
  /// - Parameter seconds: the limit; then the whole group is killed.
  /// - Returns: how it ended.
  package func ended(within seconds: Double = limit) -> Ending {
    let (status, isKilled) = end.awaited(within: seconds), signal = status & 0x7F
    return isKilled ? .killedAtTheLimit : signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
  }

  /// Its output so far.
  package var outputSoFar: String { output.text }
  package var errorSoFar: String { error.text }

  /// Both ends of a pipe, neither of which is inherited by a program that another test starts at this moment, which the
  /// system function `pipe` could not guarantee.
  static func pipe() throws(Failure) -> (reading: Int32, writing: Int32) {
    let path = temporaryName()
    guard mkfifo(path, 0o600) == 0 else { throw Failure(action: "make a pipe", code: errno) }
    defer { unlink(path) }
    // Opened without waiting for a writer, but it must still wait for bytes.
    let reading = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    let writing = open(path, O_WRONLY | O_CLOEXEC)
    guard reading >= 0, writing >= 0 else { throw Failure(action: "open a pipe", code: errno) }
    _ = fcntl(reading, F_SETFL, O_RDONLY)
    return (reading, writing)
  }

  fileprivate static func temporaryName() -> String { NSTemporaryDirectory() + "esmfold-\(UUID().uuidString)" }

  static func spawn(
    _ executable: String, _ arguments: [String], _ environment: [String: String], _ streams: [Int32],
    blocked: [Int32] = []
  ) throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t(), attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (number, stream) in streams.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, stream, Int32(number))
    }
    var all = sigset_t(), mask = sigset_t()
    sigfillset(&all)
    sigemptyset(&mask)
    for signal in blocked { sigaddset(&mask, signal) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &mask)

    var words = ([executable] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var identifier: pid_t = 0
    let code = posix_spawn(&identifier, executable, &actions, &attributes, &words, &variables)
    guard code == 0 else { throw Failure(action: "start \(executable)", code: code) }
    return identifier
  }
}

/// Waits until a condition holds.
///
/// - Parameters:
///   - seconds: the limit.
///   - condition: polled.
/// - Returns: whether it held in time.
package func holds(within seconds: Double = ChildProcess.limit, _ condition: () -> Bool) -> Bool {
  let limit = ContinuousClock.now + .seconds(seconds)
  while !condition() {
    if ContinuousClock.now >= limit { return false }
    usleep(2_000)
  }
  return true
}

/// A file without a name.
private final class CaptureFile {
  let descriptor: Int32

  /// A file with this content, positioned at its beginning.
  init(_ content: [UInt8] = []) throws(ChildProcess.Failure) {
    let path = ChildProcess.temporaryName()
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ChildProcess.Failure(action: "create a file", code: errno) }
    unlink(path)
    var done = 0
    while done < content.count {
      let count = content[done...].withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, done) }
      guard count > 0 else { throw ChildProcess.Failure(action: "write a file", code: errno) }
      done += count
    }
  }

  deinit { close(descriptor) }

  var text: String {
    var bytes: [UInt8] = [], block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = pread(descriptor, &block, block.count, bytes.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += block[..<count]
    }
  }
}
