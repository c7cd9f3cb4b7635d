// A run of a language model whose result is a table.

import ESMFoldKit

/// A run whose result is a table.
struct TableRun {
  let run: LanguageRun
  /// What to compute of each record.
  private let wanted: ESM.Wanted
  let table: TableOutput

  /// Prepares the run, makes sure that the model has the heads that are needed, opens the table and runs `body`. What
  /// goes wrong is reported.
  ///
  /// - Returns: the exit status.
  static func perform(
    _ language: LanguageOptions, output: String?, files: [String], needs wanted: ESM.Wanted, _ context: CommandContext,
    _ body: (TableRun) throws -> Int32
  ) throws(UsageError) -> Int32 {
    guard let run = try LanguageRun.prepare(language, files: files, context) else { return ExitStatus.failed }
    do {
      try run.model.checkHeads(wanted)
      let table = try TableOutput(output, inputs: run.input.paths, context)
      return try body(TableRun(run: run, wanted: wanted, table: table))
    } catch {
      context.diagnostics.error(error)
      return ExitStatus.failed
    }
  }

  /// Fields as a line of the table, nil as `NA`.
  func line(_ fields: [String?]) -> String { table.line(fields) }

  /// Writes the header and the text that is made of each record, and ends the run.
  ///
  /// - Parameters:
  ///   - header: the first line, or nothing.
  ///   - verb: what was done with the records, for the last message.
  ///   - text: the lines of a record.
  /// - Returns: the exit status.
  func writeEach(
    header: String, doing verb: String, _ text: (LanguageRecord, ESM.Reading) throws -> String
  ) -> Int32 {
    do throws(OutputError) {
      try table.write(header)
      // When the reader has closed the pipe, the rest is not needed: that is not a failure.
      var counts = run.readEach(wanted, skips: { _ in table.isClosed ? nil : false }) { record, reading in
        try table.write(try text(record, reading))
      }
      if table.isClosed { counts.failed = 0 }
      if !counts.isCut { try table.finish() }
      return run.finish(counts, doing: verb)
    } catch {
      run.context.diagnostics.error(error)
      return ExitStatus.failed
    }
  }
}
