// The only place that writes to standard output and standard error: results, messages, the log and the progress bar. Here
// controls in texts of others are made visible, so no name or value can be forgotten; escape sequences are added here.

import Glibc
import Platform
import Synchronization

/// Prints and counts messages; safe to use from several threads.
package final class Diagnostics: Sendable {
  /// The verbosity of messages.
  package enum Level: Int, Sendable, Comparable {
    /// Errors and required notices only.
    case quiet
    case normal
    /// Also details and timings.
    case verbose

    package static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  /// The format of messages.
  package enum Format: String, Sendable, CaseIterable {
    case text
    /// One JSON object per line.
    case json
  }

  private struct State {
    var level = Level.normal
    var format = Format.text
    /// Fields that every line of a JSON log has at its end.
    var everywhere: [(String, LogValue)] = []
    /// The end of the last line of text when a signal ends the program.
    var place = ""
    var errors = 0
    var warnings = 0
    var outputError: Int32 = 0
    var bar: String?
    var barDrawn = timespec()
  }

  private let output: TextSink
  private let error: TextSink
  private let usesColour: Bool
  private let hasTrueColour: Bool
  /// How results may be emphasised: a page of the manual on a terminal.
  let resultEmphasis: Emphasis
  private let state = Mutex(State())

  /// - Parameters:
  ///   - output: where results go.
  ///   - error: where everything else goes.
  ///   - usesColour: whether a terminal may be asked for colour and bold letters (see `Tool.mayUseColour`).
  ///   - hasTrueColour: whether it has all colours (see `Tool.hasTrueColour`), not 256.
  package init(output: TextSink, error: TextSink, usesColour: Bool, hasTrueColour: Bool = false) {
    self.output = output
    self.error = error
    self.usesColour = usesColour && error.isTerminal
    self.hasTrueColour = hasTrueColour
    resultEmphasis = usesColour && output.isTerminal ? .terminal : .none
  }

  /// Set the verbosity and the format of all further messages.
  package func configure(level: Level, format: Format) {
    state.withLock {
      $0.level = level
      $0.format = format
    }
  }

  /// The format of messages, and which of them are shown.
  package var format: Format { state.withLock { $0.format } }
  package var level: Level { state.withLock { $0.level } }

  /// Adds fields to every further line of a JSON log.
  package func addToEveryLine(_ fields: [(String, LogValue)]) { state.withLock { $0.everywhere += fields } }

  /// Sets what tells of the place where this process runs, for the last line when a signal ends the program.
  package func setPlace(_ words: String) { state.withLock { $0.place = words } }

  /// The number of errors so far.
  package var errorCount: Int { state.withLock { $0.errors } }

  /// The number of warnings so far, shown or not.
  package var warningCount: Int { state.withLock { $0.warnings } }

  /// The error number of the first failed write to standard output; 0 when all went well. A reader closing its end of a
  /// pipe is not a failure.
  package var outputError: Int32 { state.withLock { $0.outputError == EPIPE ? 0 : $0.outputError } }

  /// Whether nothing more can be written to standard output, also because its reader has closed the pipe.
  package var outputIsClosed: Bool { state.withLock { $0.outputError != 0 } }

  // === Results ===

  /// Write lines of a result to standard output; tabs and line ends are kept, other controls made visible.
  package func result(_ text: String) {
    page(visible(text, keeping: Self.layout))
  }

  /// Write a text of the program itself to standard output as it is, with the escape sequences of `resultEmphasis`.
  package func page(_ text: String) {
    state.withLock { state in
      guard state.outputError == 0 else { return }
      clearBar(&state)
      state.outputError = output.write(text)
    }
  }

  /// Write bytes that are to be read as input again to standard output as they are; a terminal gets them as `result`.
  package func copy(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if output.isTerminal { result(text) } else { page(text) }
  }

  /// The controls that tables and pages are made of.
  private static let layout: Set<UInt8> = [UInt8(ascii: "\n"), UInt8(ascii: "\t")]

  /// Waits until something can be read from a descriptor, or until the reader of standard output has closed the pipe.
  ///
  /// - Returns: whether to read; false when no result will be read by anybody.
  package func waitForInput(_ input: Int32) -> Bool {
    guard let descriptor = output.descriptor, !Platform.waitForInput(input, whileReadFrom: descriptor) else {
      return true
    }
    state.withLock { if $0.outputError == 0 { $0.outputError = EPIPE } }
    return false
  }

  // === Messages ===

  /// Report an error, and count it.
  package func error(_ message: String) {
    state.withLock { state in
      state.errors += 1
      say(LogLine(kind: "error", colour: "31", message: message), &state)
    }
  }

  /// Report a warning, and count it.
  package func warning(_ message: String) {
    state.withLock { state in
      state.warnings += 1
      if state.level >= .normal { say(LogLine(kind: "warning", colour: "33", message: message), &state) }
    }
  }

  /// Print a notice that `--quiet` does not suppress.
  package func notice(_ message: String) {
    state.withLock { say(LogLine(kind: "notice", colour: "36", message: message), &$0) }
  }

  /// Report progress or a result.
  ///
  /// - Parameters:
  ///   - message: the line for people.
  ///   - event: the kind of event, in JSON.
  ///   - fields: the numbers in the line, for JSON.
  ///   - strip: what a terminal with colours shows behind the line.
  package func note(
    _ message: String, event: String? = nil, _ fields: [(String, LogValue)] = [], strip: ConfidenceStrip? = nil
  ) {
    state.withLock { state in
      guard state.level >= .normal else { return }
      say(LogLine(kind: "info", message: message, event: event, fields: fields, strip: strip), &state)
    }
  }

  /// Print a detail, with `--verbose` only.
  package func detail(_ message: String, event: String? = nil, _ fields: [(String, LogValue)] = []) {
    state.withLock { state in
      if state.level >= .verbose { say(LogLine(kind: "debug", message: message, event: event, fields: fields), &state) }
    }
  }

  /// Print lines that belong to an error, such as the help line of an option; not in a JSON log.
  package func context(_ text: String) {
    state.withLock { if $0.format == .text { _ = error.write(visible(text, keeping: Self.layout)) } }
  }

  // === Progress bar ===

  /// Show how far the work is, on a terminal only; at most ten times a second.
  ///
  /// - Parameters:
  ///   - fraction: the share that is done, 0 to 1.
  ///   - text: what is being done.
  package func progress(_ fraction: Double, _ text: String) {
    state.withLock { state in
      guard error.isTerminal, state.level >= .normal, state.format == .text else { return }
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      let elapsed = Double(now.tv_sec - state.barDrawn.tv_sec) + Double(now.tv_nsec - state.barDrawn.tv_nsec) / 1e9
      guard elapsed > 0.1 || state.bar == nil else { return }
      state.barDrawn = now
      let width = 24
      let filled = Int((min(max(fraction, 0), 1) * Double(width)).rounded(.down))
      let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
      let line = String("[\(bar)] \(visible(text))".prefix(max(0, error.columns() - 1)))
      _ = error.write(erasure(of: state.bar?.count ?? 0) + line)
      state.bar = line
    }
  }

  /// Show how many bytes of a file of weights are done; `doing` says what is done with them, "importing".
  package func progress(_ doing: String, bytes done: Int, of total: Int) {
    progress(Double(done) / Double(max(1, total)), "\(doing), \(byteCount(done)) of \(byteCount(total))")
  }

  /// Remove the progress bar.
  package func endProgress() {
    state.withLock { clearBar(&$0) }
  }

  /// A last line while the program is being ended by a signal: takes no lock and never waits for the reader.
  package func lastWords(_ message: String) {
    var request = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&request, 1, 0) == 1, request.revents & Int16(POLLOUT) != 0 else { return }
    // A thread that holds the state just now is waiting for the reader, or is about to be done.
    let known = state.withLockIfAvailable { state in
      let log = LogLine(kind: "notice", message: message, event: "stopped")
      return (log: state.format == .json ? log.json(everywhere: state.everywhere) : nil, place: state.place)
    }
    if let log = known?.log {
      _ = error.write(log + "\n")
      return
    }
    _ = error.write(
      (error.isTerminal ? erasure(of: error.columns() - 1) : "")
        + "esmfold: \(MessageText.plain(message + (known?.place ?? "")))\n")
  }

  // === Lines ===

  private func clearBar(_ state: inout State) {
    guard let bar = state.bar else { return }
    state.bar = nil
    _ = error.write(erasure(of: bar.count))
  }

  /// What empties the line that has so many characters: without escape sequences where those are not wanted.
  private func erasure(of count: Int) -> String {
    usesColour ? "\r\u{1B}[2K" : "\r" + String(repeating: " ", count: max(0, count)) + "\r"
  }

  private func say(_ line: LogLine, _ state: inout State) {
    clearBar(&state)
    switch state.format {
    case .text:
      let head = line.colour.map { usesColour ? "\u{1B}[1;\($0)m\(line.kind):\u{1B}[0m " : "\(line.kind): " } ?? ""
      let text = MessageText.plain(line.message)
      let tail = usesColour ? line.strip?.shown(after: text, columns: error.columns(), hasTrueColour) ?? "" : ""
      _ = error.write(head + text + tail + "\n")
    case .json:
      _ = error.write(line.json(everywhere: state.everywhere) + "\n")
    }
  }
}
