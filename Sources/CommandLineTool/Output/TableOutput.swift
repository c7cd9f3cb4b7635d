// Lines on their way to standard output or to a file.

import Glibc
import Platform

/// Lines on their way to standard output or to a file, which gets its name when all are there.
final class TableOutput {
  private let diagnostics: Diagnostics
  private let file: UnfinishedFile?
  private let path: String
  /// A file under its temporary name, or a device or named pipe.
  private let descriptor: Int32
  private var waiting = ""
  /// Whether the reader of a named pipe has gone.
  private var hasLostReader = false
  /// Commas in a file of the name `*.csv`, else tabs.
  private let form: TableText.Form

  /// - Parameters:
  ///   - path: the file; `-` or nil for standard output.
  ///   - form: what separates the fields; nil for what the name of the file says.
  ///   - inputs: files that are read, which must not be written to.
  ///   - context: where standard output is.
  /// - Throws: `OutputError` when the file cannot be written.
  init(
    _ path: String?, form: TableText.Form? = nil, inputs: [String], _ context: CommandContext
  ) throws(OutputError) {
    diagnostics = context.diagnostics
    self.form = form ?? TableText.Form(ofFile: path)
    guard let path, path != "-" else {
      (file, descriptor, self.path) = (nil, -1, "")
      return
    }
    self.path = path
    if OutputPath.isStream(path) {
      file = nil
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .system(path: path, action: "open", code: errno) }
      return
    }
    try OutputPath.check(path, inputs: inputs)
    let file = try OutputError.wrapping(try UnfinishedFile(for: path, in: context.temporaryFiles))
    self.file = file
    descriptor = file.descriptor
  }

  deinit {
    if file == nil, descriptor >= 0 { close(descriptor) }
  }

  /// Whether the reader of standard output or of a named pipe has closed it, so that the rest is not needed.
  var isClosed: Bool { descriptor < 0 ? diagnostics.outputIsClosed : hasLostReader }

  /// Waits until something can be read from `input`.
  ///
  /// - Returns: whether to read; false when the table is closed.
  func waitForInput(_ input: Int32) -> Bool {
    if descriptor < 0 { return !isClosed && diagnostics.waitForInput(input) }
    guard file == nil, !hasLostReader else { return !hasLostReader }
    hasLostReader = !Platform.waitForInput(input, whileReadFrom: descriptor)
    return !hasLostReader
  }

  /// Fields as a line of this table, nil as `NA`.
  func line(_ fields: [String?]) -> String { TableText.line(fields, form) }

  /// Adds text. Standard output gets it at once, because a reader may be waiting for it.
  func write(_ text: String) throws(OutputError) {
    guard descriptor >= 0 else { return diagnostics.result(text) }
    waiting += text
    if file == nil || waiting.utf8.count > 1 << 16 { try flush() }
  }

  private func flush() throws(OutputError) {
    let code = Array(waiting.utf8).withUnsafeBytes { writeAll($0, to: descriptor) }
    waiting = ""
    if file == nil, code == EPIPE { hasLostReader = true }
    guard code == 0 || hasLostReader else { throw .system(path: path, action: "write", code: code) }
  }

  /// Gives the file its name.
  func finish() throws(OutputError) {
    guard let file else { return }
    try flush()
    try OutputError.wrapping(try file.commit())
  }
}
