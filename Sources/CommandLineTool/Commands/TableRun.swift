// A run of a language model whose result is a table.

import ESMFoldKit

/// A run whose result is a table.
struct TableRun {
  let run: LanguageRun
  /// What to compute of each record.
  private let wanted: ESM.Wanted
  let table: TableOutput

  /// What a table is like that is not the usual one.
  struct Form {
    /// What separates the fields; nil for what the name of the file says.
    var separator: TableText.Form?
    var naming = RecordSource.Naming.files
    var cost = RecordCost.reading
    /// Files that are read beside the sequences, which must not be written to.
    var inputs: [String] = []
  }

  /// Prepares the run, makes sure that the model has the heads that are needed, opens the table and runs `body`. What
  /// goes wrong is reported.
  ///
  /// - Returns: the exit status.
  static func perform(
    _ language: LanguageOptions, output: (path: String?, form: Form), files: [String], needs wanted: ESM.Wanted,
    _ context: CommandContext, _ body: (TableRun) throws -> Int32
  ) throws(UsageError) -> Int32 {
    if language.cluster.timeLimit != nil {
      throw .conflict(
        "--time-limit: found a table as output, expected -o FILE.h5: a table has all records or none, so the same command "
          + "could not go on with those that are left")
    }
    guard
      var run = try LanguageRun.prepare(
        language, files: files, naming: output.form.naming, cost: output.form.cost, context)
    else { return ExitStatus.failed }
    do {
      try run.model.checkHeads(wanted)
      let table = try TableOutput(
        output.path.map(language.cluster.path), form: output.form.separator,
        inputs: run.input.paths + output.form.inputs, context)
      run.table = table
      return try body(TableRun(run: run, wanted: wanted, table: table))
    } catch {
      context.diagnostics.error(error)
      return ExitStatus.failed
    }
  }

  /// The same for a table of the usual form.
  static func perform(
    _ language: LanguageOptions, output: String?, files: [String], needs wanted: ESM.Wanted, _ context: CommandContext,
    _ body: (TableRun) throws -> Int32
  ) throws(UsageError) -> Int32 {
    try perform(language, output: (output, Form()), files: files, needs: wanted, context, body)
  }

  /// Fields as a line of the table, nil as `NA`.
  func line(_ fields: [String?]) -> String { table.line(fields) }

  /// Writes the header and the text that is made of each record, and ends the run.
  ///
  /// - Parameters:
  ///   - header: the first line, or nothing.
  ///   - verb: what was done with the records, for the last message.
  ///   - wanted: what to compute of each record, if it is not only what the run was prepared for.
  ///   - meets: called with each record before it is read.
  ///   - text: the lines of a record.
  /// - Returns: the exit status.
  func writeEach(
    header: String, doing verb: String, wanted: ESM.Wanted? = nil, meets: (LanguageRecord) -> Void = { _ in },
    _ text: (LanguageRecord, ESM.Reading) throws -> String
  ) -> Int32 {
    do throws(OutputError) {
      try table.write(header)
      // When the reader has closed the pipe, the rest is not needed: that is not a failure.
      var counts = run.readEach(
        wanted ?? self.wanted,
        skips: { record in
          meets(record)
          return table.isClosed ? nil : false
        },
        { record, reading in try table.write(try text(record, reading)) })
      if table.isClosed { counts.failed = 0 }
      if !counts.isCut { try table.finish() }
      return run.finish(counts, doing: verb)
    } catch {
      run.context.diagnostics.error(error)
      return ExitStatus.failed
    }
  }
}
