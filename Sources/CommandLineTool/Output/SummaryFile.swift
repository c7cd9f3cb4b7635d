// `summary.tsv`: one line for each protein, appended as proteins finish, also by resumed runs.

import Glibc
import Platform
import Synchronization

/// The open summary of an output folder. Several processes may write to the same file.
///
/// A protein has one line, the last that was written of it: a line that replaces another one moves to the end.
package final class SummaryFile: Sendable {
  package let path: String

  private struct State {
    var descriptor: Int32
    /// The proteins of the lines in the first `size` bytes.
    var names: Set<Substring> = []
    var size = 0
  }

  private let state: Mutex<State>
  private let cut = Mutex<String?>(nil)
  /// Not the files of the process: their list is locked while results get their names, of which a line here is a part.
  private let temporaryFiles = TemporaryFiles()

  /// Open or create the summary; a new one gets its header, that of an earlier version gets the columns it lacks, and a
  /// last line cut short by a crash is removed.
  ///
  /// - Parameter path: the file.
  /// - Throws: `OutputError` when the file cannot be written or is another table.
  package init(_ path: String) throws(OutputError) {
    self.path = path
    state = Mutex(State(descriptor: try Self.open(path)))
    try locked { (state) throws(OutputError) in
      let bytes = try readAll(state)
      guard !bytes.isEmpty else { return try append(SummaryRow.head, state) }
      // What a crash has cut off may end within a character, so the bytes tell where the last whole line ends.
      guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { throw .foreignSummary(path: path) }
      let lines = String(decoding: bytes[..<end], as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)
      let columns = Self.fields(lines[0]), lacking = SummaryRow.columns.count - columns.count
      guard columns.count >= SummaryRow.oldestColumnCount,
        SummaryRow.columns.prefix(columns.count).elementsEqual(columns, by: ==)
      else { throw .foreignSummary(path: path) }
      if lacking > 0 {
        let rest = String(repeating: "\tNA", count: lacking)
        try replace(&state, lines.dropFirst().map { $0 + rest })
      } else if end + 1 < bytes.count {
        let rest = String(decoding: bytes[(end + 1)...], as: UTF8.self)[...]
        if rest.contains("\t") { cut.withLock { $0 = String(Self.fields(rest)[0]) } }
        ftruncate(state.descriptor, end + 1)
      }
    }
  }

  deinit { state.withLock { _ = close($0.descriptor) } }

  /// The protein whose line was found cut off, if it tells.
  package var cutName: String? { cut.withLock { $0 } }

  /// Those of some proteins that have no line.
  ///
  /// - Throws: `OutputError` when the file cannot be read.
  package func lacking(_ names: [String]) throws(OutputError) -> [String] {
    var lacking: [String] = []
    try locked { (state) throws(OutputError) in
      try catchUp(&state)
      lacking = names.filter { !state.names.contains($0[...]) }
    }
    return lacking
  }

  /// Write the row of a protein, whole or not at all, in place of an earlier one.
  ///
  /// - Parameters:
  ///   - row: The row.
  ///   - isWanted: Asked when no other process can write a row.
  /// - Throws: `OutputError` when it cannot be written.
  package func append(_ row: SummaryRow, if isWanted: () -> Bool = { true }) throws(OutputError) {
    let line = row.line, name = Self.fields(line[...])[0]
    try locked { (state) throws(OutputError) in
      guard isWanted() else { return }
      try catchUp(&state)
      if state.names.contains(name) {
        let lines = String(decoding: try readAll(state), as: UTF8.self).split(separator: "\n").dropFirst()
        try replace(&state, lines.filter { Self.fields($0)[0] != name } + [line.dropLast()])
      } else {
        try append(line, state)
      }
    }
  }

  /// Puts the lines of some proteins into an order; other lines stay where they are.
  ///
  /// - Parameter names: The proteins in the wanted order.
  /// - Throws: `OutputError` when the file cannot be written; it is as it was then.
  package func sort(_ names: some Sequence<String>) throws(OutputError) {
    let ranks = Dictionary(zip(names.lazy.map { Substring($0) }, 0...), uniquingKeysWith: { first, _ in first })
    try locked { (state) throws(OutputError) in
      let lines = String(decoding: try readAll(state), as: UTF8.self).split(separator: "\n").dropFirst()
      let places = lines.indices.filter { ranks[Self.fields(lines[$0])[0]] != nil }
      let sorted = places.map { (line: lines[$0], rank: ranks[Self.fields(lines[$0])[0]] ?? 0) }
        .sorted { $0.rank < $1.rank }
      var result = Array(lines)
      for (place, (line, _)) in zip(places, sorted) { result[place - lines.startIndex] = line }
      if !result.elementsEqual(lines) { try replace(&state, result) }
    }
  }

  /// Takes in the lines that this and other processes have written since.
  private func catchUp(_ state: inout State) throws(OutputError) {
    let size = Int(lseek(state.descriptor, 0, SEEK_END))
    guard size > state.size else { return }
    let bytes = try OutputError.wrapping(
      try Platform.readAll(size - state.size, at: state.size, from: state.descriptor, path))
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      state.names.insert(Self.fields(line)[0])
    }
    state.size = size
  }

  private static func fields(_ line: Substring) -> [Substring] {
    line.split(separator: "\t", omittingEmptySubsequences: false)
  }

  // MARK: The file

  private static func open(_ path: String) throws(OutputError) -> Int32 {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(path: path, action: "open", code: errno) }
    return descriptor
  }

  /// Run `body` with the file locked against other processes; without a lock where locks are not supported (some
  /// network file systems).
  private func locked(_ body: (inout State) throws(OutputError) -> Void) throws(OutputError) {
    try state.withLock { (state: inout State) throws(OutputError) in
      flock(state.descriptor, LOCK_EX)
      // Another process may have replaced the file while this one waited.
      while let now = FileIdentity(path), let status = try? FileStatus(descriptor: state.descriptor, path: path),
        now != status.identity
      {
        let descriptor = try Self.open(path)
        close(state.descriptor)
        state = State(descriptor: descriptor)
        flock(descriptor, LOCK_EX)
      }
      defer { flock(state.descriptor, LOCK_UN) }
      try body(&state)
    }
  }

  private func append(_ text: String, _ state: State) throws(OutputError) {
    let before = lseek(state.descriptor, 0, SEEK_END)
    var text = text
    do throws(SystemError) {
      let code = text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: state.descriptor) }
      guard code == 0 else { throw SystemError(path: path, action: "append", code: code) }
      // A result that outlives a crash of the machine must not lack its line, which it would never get.
      try synchronize(state.descriptor, path)
    } catch {
      ftruncate(state.descriptor, before)
      throw .system(error)
    }
  }

  /// Puts a file with these lines, which lack their ends, in the place of the present one.
  private func replace(_ state: inout State, _ lines: some Sequence<some StringProtocol>) throws(OutputError) {
    let file = try OutputError.wrapping(try UnfinishedFile(for: path, in: temporaryFiles))
    let text = SummaryRow.head + lines.map { $0 + "\n" }.joined()
    try OutputError.wrapping(try file.append(Array(text.utf8)))
    try OutputError.wrapping(try file.commit())
    let descriptor = try Self.open(path)
    flock(descriptor, LOCK_EX)
    close(state.descriptor)
    state = State(descriptor: descriptor)
  }

  private func readAll(_ state: State) throws(OutputError) -> [UInt8] {
    let size = Int(lseek(state.descriptor, 0, SEEK_END))
    return try OutputError.wrapping(try Platform.readAll(size, at: 0, from: state.descriptor, path))
  }
}
