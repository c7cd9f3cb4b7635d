// One run of a language model over FASTA records: read in batches, passed on in the order of the input.

import ESMFoldKit
import Platform

/// A loaded model and what is read with it.
struct LanguageRun {
  let model: ESM
  let options: LanguageOptions
  let input: LanguageInput
  let context: CommandContext
  /// Where results go as a table; reading ends when that is closed.
  var table: TableOutput?
  /// The records that are being computed, for a store that survives a kill.
  var begun: BegunRecords?
  /// nil: none.
  private let limit: TimeLimit?
  private let cost: RecordCost
  private let start = ContinuousClock.now

  private var diagnostics: Diagnostics { context.diagnostics }

  /// Finds and loads the model.
  ///
  /// - Parameters:
  ///   - options: the choices of the run.
  ///   - files: the files to read.
  ///   - naming: what the names of records are made for.
  ///   - cost: what a record costs.
  ///   - context: where messages go.
  /// - Returns: nil when the model cannot be used, which has been reported.
  /// - Throws: `UsageError` when there is no such model or nothing to read.
  static func prepare(
    _ options: LanguageOptions, files: [String], naming: RecordSource.Naming = .files, cost: RecordCost = .reading,
    _ context: CommandContext
  ) throws(UsageError) -> LanguageRun? {
    let limit = options.cluster.limit
    var input = LanguageInput(paths: try options.inputs(files, context), options: options.input, naming: naming)
    context.announce(options.cluster)
    if let shard = options.cluster.shard { input = try input.shared(shard, cost) }
    guard let location = try ModelChoice.resolveLanguageModel(options.model.model, context) else { return nil }
    if let notice = location.notice { context.diagnostics.notice(notice) }
    InfoCommand.warnOfInstructionSet(.current, context)
    do {
      let threads = options.model.threads ?? SystemInfo.availableThreads
      let model = try ESM(
        try context.imported(location), threads: threads, precision: options.model.precision)
      context.begin(model.modelName, threads: threads, input.share)
      context.note(model.remarks, of: model.modelName, "computing")
      return LanguageRun(model: model, options: options, input: input, context: context, limit: limit, cost: cost)
    } catch {
      context.diagnostics.error(error)
      return nil
    }
  }

  init(
    model: ESM, options: LanguageOptions, input: LanguageInput, context: CommandContext, limit: TimeLimit? = nil,
    cost: RecordCost = .reading
  ) {
    (self.limit, self.cost) = (limit, cost)
    self.model = model
    self.options = options
    self.input = input
    self.context = context
  }

  /// The number of records by outcome.
  struct Counts {
    var done = 0
    var skipped = 0
    var failed = 0
    /// For which the time does not suffice.
    var left = 0
    /// Whether results could not be written, so that the run ended before its input did.
    var isCut = false
  }

  /// Takes the reading of a record; an error stops the run if nothing more can be written.
  typealias Take = (LanguageRecord, ESM.Reading) throws -> Void

  /// Reads every record and passes the reading on.
  ///
  /// - Parameters:
  ///   - wanted: what to compute of each record.
  ///   - skips: whether a record is done already, or why it fails; nil stops the run after the reason was reported.
  ///   - take: takes the results, in the order of the input but for records that a killed run was computing: they come last.
  /// - Returns: the counts.
  func readEach(
    _ wanted: ESM.Wanted, skips: (LanguageRecord) throws(OutputError) -> Bool? = { _ in false }, _ take: Take
  ) -> Counts {
    var counts = Counts()
    var batch: [(record: LanguageRecord, tokens: [Int])] = [], tokens = 0, stopped = false
    var last: [LanguageRecord] = []
    func finishBatch() {
      defer { (batch, tokens) = ([], 0) }
      let (now, price) = inTime(batch, &counts)
      guard !now.isEmpty else { return }
      begun?.begin(now.map(\.record))
      let start = limit?.begin()
      stopped = !read(now, wanted, &counts, take)
      if let start { limit?.finish(price, begun: start) }
    }
    let bad = input.forEach(diagnostics, while: waitForInput) { record in
      switch turn(of: record, skips, &counts, &last) {
      case .now: break
      case .past: return true
      case .stop:
        stopped = true
        return false
      }
      let encoded = model.tokenizer.encode(record.sequence)
      if tokens + encoded.count > ESM.tokensReadTogether, !batch.isEmpty { finishBatch() }
      if stopped { return false }
      batch.append((record, encoded))
      tokens += encoded.count
      return true
    }
    if !stopped, !batch.isEmpty, table?.isClosed != true { finishBatch() }
    for record in last where !stopped {
      batch = [(record, model.tokenizer.encode(record.sequence))]
      finishBatch()
    }
    counts.failed += bad
    return counts
  }

  /// Passes every record and its tokens to the command, one after the other.
  ///
  /// - Parameters:
  ///   - skips: as for `readEach`.
  ///   - body: takes a record; false ends the run.
  /// - Returns: the counts.
  func forEach(
    skips: (LanguageRecord) throws(OutputError) -> Bool? = { _ in false },
    _ body: (LanguageRecord, [Int]) throws -> Bool
  ) -> Counts {
    var counts = Counts(), last: [LanguageRecord] = []
    func compute(_ record: LanguageRecord) -> Bool {
      let tokens = model.tokenizer.encode(record.sequence)
      let (now, price) = inTime([(record, tokens)], &counts)
      guard !now.isEmpty else { return true }
      begun?.begin([record])
      let start = limit?.begin()
      do {
        guard try body(record, tokens) else { return false }
        if let start { limit?.finish(price, begun: start) }
        counts.done += 1
        return true
      } catch {
        counts.failed += 1
        counts.isCut = !report(error, record)
        return !counts.isCut
      }
    }
    var goesOn = true
    let bad = input.forEach(diagnostics, while: waitForInput) { record in
      switch turn(of: record, skips, &counts, &last) {
      case .now: goesOn = compute(record)
      case .past: break
      case .stop: goesOn = false
      }
      return goesOn
    }
    for record in last where goesOn { goesOn = compute(record) }
    counts.failed += bad
    return counts
  }

  /// The records for which the time suffices, and what they cost together.
  private func inTime(
    _ batch: [(record: LanguageRecord, tokens: [Int])], _ counts: inout Counts
  ) -> (records: [(record: LanguageRecord, tokens: [Int])], cost: Double) {
    guard let limit else { return (batch, 0) }
    var sum = 0.0
    let records = batch.filter { _, tokens in
      let next = cost.of(tokens.count)
      guard limit.admits(sum + next) else { return false }
      sum += next
      return true
    }
    counts.left += batch.count - records.count
    return (records, sum)
  }

  /// When a record is computed.
  private enum Turn {
    case now
    /// It is done, has failed, or comes last.
    case past
    /// Nothing more is computed.
    case stop
  }

  /// When a record is computed; counts it if that is never.
  private func turn(
    of record: LanguageRecord, _ skips: (LanguageRecord) throws(OutputError) -> Bool?, _ counts: inout Counts,
    _ last: inout [LanguageRecord]
  ) -> Turn {
    do throws(OutputError) {
      switch try skips(record) {
      case true?:
        counts.skipped += 1
        return .past
      case false?: break
      case nil:
        counts.failed += 1
        return .stop
      }
    } catch {
      fail(record, error, &counts)
      return .past
    }
    guard postpones(record) else { return .now }
    last.append(record)
    return .past
  }

  /// Whether a record comes last, because a killed run was at it; says so.
  private func postpones(_ record: LanguageRecord) -> Bool {
    guard let begun, begun.wasKilled(at: record) else { return false }
    diagnostics.warning(
      "\(record.place): found that a run was killed while it computed this record, perhaps for want of memory; it comes "
        + "last")
    return true
  }

  /// Reports a record that cannot be stored, whatever its results are.
  private func fail(_ record: LanguageRecord, _ error: OutputError, _ counts: inout Counts) {
    diagnostics.error(error, at: record.place)
    counts.failed += 1
  }

  private func waitForInput(_ descriptor: Int32) -> Bool { table?.waitForInput(descriptor) ?? true }

  /// Reads one batch.
  ///
  /// - Returns: whether the run can go on.
  private func read(
    _ batch: [(record: LanguageRecord, tokens: [Int])], _ wanted: ESM.Wanted, _ counts: inout Counts, _ take: Take
  ) -> Bool {
    let together = batch.filter { fits($0.tokens) }
    // A record that cannot be read with the others may be read alone, or else fails alone.
    let readings = (try? model.read(together.map(\.tokens), wanted)).map { Array($0.reversed()) }
    var waiting = readings ?? []
    for (record, tokens) in batch {
      do {
        if let reading = fits(tokens) ? waiting.popLast() : nil {
          try take(record, reading)
        } else if options.usesWindows {
          try take(record, try model.readInWindows(tokens, wanted))
        } else {
          try take(record, try model.read([tokens], wanted)[0])
        }
        counts.done += 1
        diagnostics.progress(0, "\(counts.done) read, \(record.name)")
      } catch {
        counts.failed += 1
        counts.isCut = !report(error, record)
        if counts.isCut { return false }
      }
    }
    return true
  }

  private func fits(_ tokens: [Int]) -> Bool { tokens.count <= model.description.maximumTokens ?? Int.max }

  /// Reports why a record failed.
  ///
  /// - Returns: whether the run can go on.
  func report(_ error: any Error, _ record: LanguageRecord) -> Bool {
    if let error = error as? OutputError {
      diagnostics.error(error)
      return false
    }
    diagnostics.error(error, at: record.place)
    return !((error as? ModelError)?.meansChangedModel ?? false)
  }

  /// The last message of a run, and its exit status.
  func finish(_ counts: Counts, doing verb: String) -> Int32 {
    diagnostics.endProgress()
    return context.end(
      [(verb, counts.done, true), ("skipped", counts.skipped, false), ("failed", counts.failed, true)],
      left: counts.left, seconds: (ContinuousClock.now - start).inSeconds, options.cluster)
  }
}
