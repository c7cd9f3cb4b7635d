// What has become of each record, as a report or as FASTA of the rest.

import Platform

/// Asks for each record of an input.
struct StatusRun {
  let places: [any ResultPlace]
  let input: AskedInput
  let options: StatusOptions
  let context: CommandContext

  private var diagnostics: Diagnostics { context.diagnostics }

  /// Records by what has become of them.
  struct Counts {
    var records = 0, finished = 0, failed = 0, missing = 0, other = 0
    /// Files of the input that cannot be read.
    var badFiles = 0

    mutating func add(_ state: RecordState) {
      records += 1
      switch state {
      case .finished: finished += 1
      case .failed: failed += 1
      case .missing: missing += 1
      case .other: other += 1
      }
    }

    var isComplete: Bool { finished == records && badFiles == 0 }
  }

  /// Prints what is asked for.
  ///
  /// - Returns: the exit status.
  func report() throws(ResultsError) -> Int32 {
    let counts = options.listsMissing ? try printMissing() : try printReport()
    // Nobody has read to the end that all is finished.
    return counts.isComplete && hasReader() ? ExitStatus.done : ExitStatus.failed
  }

  /// Whether somebody still takes what is printed.
  private func hasReader() -> Bool { !diagnostics.outputIsClosed }

  private func state(of record: AskedRecord) throws(ResultsError) -> RecordState {
    var state = RecordState.missing
    for place in places {
      let found = try place.state(of: record)
      if found.rank > state.rank { state = found }
    }
    // What cannot be read has no results.
    if let problem = record.problem, state.rank < RecordState.failed("").rank { return .failed(problem) }
    return state
  }

  /// The numbers of shards of which nothing is there.
  private var missingShards: [String] { ShardName.missing(places.flatMap(\.parts).compactMap(\.shard)) }

  // === The report ===

  private func printReport() throws(ResultsError) -> Counts {
    var counts = Counts()
    let text = StatusText(isJSON: options.isJSON)
    diagnostics.page(text.beginning)
    counts.badFiles = try input.forEach(diagnostics, while: hasReader) { (record) throws(ResultsError) in
      let state = try self.state(of: record)
      if let line = text.line(record.name, state, counts) { diagnostics.result(line) }
      counts.add(state)
    }
    diagnostics.result(text.ending(counts, places.flatMap(\.parts), missingShards: missingShards))
    return counts
  }

  // === The rest ===

  private func printMissing() throws(ResultsError) -> Counts {
    var counts = Counts(), rest = RestOfInput(input)
    let stream = input.paths.first { !InputFile.isFile($0) }
    counts.badFiles = try input.forEach(diagnostics, while: hasReader) { (record) throws(ResultsError) in
      let state = try self.state(of: record)
      counts.add(state)
      var isWanted = false
      if case .finished = state {} else { isWanted = true }
      if record.problem != nil {
        diagnostics.warning("\(quoted(record.name)): not printed: \(record.problem ?? "")")
        isWanted = false
      }
      rest.note(record, isWanted: isWanted)
      guard isWanted else { return }
      let text = RestOfInput.text(of: record)
      if stream != nil { diagnostics.copy(text) } else { rest.keep(text) }
    }
    if let stream {
      if let name = rest.firstRenamed {
        diagnostics.error(
          "\(InputFile.displayName(stream)): \(quoted(name)): found a name that other records give it, expected one of its own"
            + "\nhint: give the file by name: it is read twice, to print the others, too")
        counts.badFiles += 1
      }
    } else if let texts = rest.kept {
      diagnostics.copy(texts)
    } else {
      rest.begin()
      _ = try input.forEach(nil, while: hasReader) { (record) throws(ResultsError) in
        if rest.takes(record) { diagnostics.copy(RestOfInput.text(of: record)) }
      }
    }
    if !hasReader() { return counts }
    diagnostics.note(
      "records \(counts.records), finished \(counts.finished), failed \(counts.failed), missing \(counts.missing), "
        + "other \(counts.other)",
      event: "status",
      [
        ("records", .whole(counts.records)), ("finished", .whole(counts.finished)), ("failed", .whole(counts.failed)),
        ("missing", .whole(counts.missing)), ("other", .whole(counts.other)),
      ])
    return counts
  }
}
