// One run of `esmfold fold`: which proteins to fold, and the outcome of each.

import ESMFoldKit
import Glibc
import Platform
import Protein

struct FoldRun {
  let options: FoldOptions
  let folder: String
  let location: ModelLocation
  let context: CommandContext
  let jobs: [Job]
  let badInputs: [BadInput]
  let summary: SummaryFile
  /// The numbers of residues that were given.
  let numbers: ResidueNumbers
  /// The files being read, which must not be written to.
  let inputs: Set<FileIdentity>

  private var diagnostics: Diagnostics { context.diagnostics }

  /// Read the inputs and open the summary; mistakes in the inputs are reported.
  ///
  /// - Throws: `OutputError` when the summary cannot be written.
  init(
    options: FoldOptions, folder: String, inputs: [String], location: ModelLocation, context: CommandContext
  ) throws(OutputError) {
    self.options = options
    self.folder = folder
    self.location = location
    self.context = context
    self.inputs = Set(inputs.filter { $0 != "-" }.compactMap { FileIdentity($0) })
    let summaryPath = folder + "/summary.tsv"
    if let identity = FileIdentity(summaryPath), self.inputs.contains(identity) { throw .isInput(path: summaryPath) }
    do {
      numbers = try ResidueNumbers(options.complex.residueIndex)
    } catch {
      throw .unwritable(error)
    }
    summary = try SummaryFile(summaryPath)
    var reader = RecordReader(options.input)
    for input in inputs { reader.read(input, context.diagnostics) }
    for name in numbers.surplus(Set(reader.jobs.map(\.record.name))) {
      context.diagnostics.warning("--residue-index: found \(quoted(name)), expected the name of a record of the input")
    }
    jobs = reader.jobs
    badInputs = reader.failures
  }

  /// The number of proteins by outcome.
  private struct Counts {
    var folded = 0
    var skipped = 0
    var failed = 0
  }

  /// Fold everything that has no complete result yet.
  ///
  /// - Returns: the exit status.
  func foldAll() -> Int32 {
    let start = ContinuousClock.now
    var counts = Counts()
    counts.failed = badInputs.count
    for input in badInputs {
      if let name = input.name {
        recordFailure(
          SummaryRow.Protein(name: name, header: nil, length: nil, chains: nil), recycles: nil, model: "NA",
          input.message)
      }
    }
    if !jobs.isEmpty {
      do {
        let location = try context.imported(location, for: .folding)
        let pending = begunLast(unfinished(try location.foldingIdentity(), &counts))
        if !pending.isEmpty { try foldAll(pending, with: location, &counts) }
      } catch {
        diagnostics.error(error)
        counts.failed = badInputs.count + jobs.count - counts.skipped
      }
    }
    let seconds = (ContinuousClock.now - start).inSeconds
    diagnostics.note(
      "folded \(counts.folded), skipped \(counts.skipped), failed \(counts.failed) in \(fixed(seconds, 2)) s; "
        + "peak memory \(byteCount(ProcessMemory.peak))",
      event: "end",
      [
        ("folded", .whole(counts.folded)), ("skipped", .whole(counts.skipped)), ("failed", .whole(counts.failed)),
        ("seconds", .decimal(seconds, 3)), ("peak_bytes", .whole(ProcessMemory.peak)),
      ])
    return counts.failed == 0 ? ExitStatus.done : ExitStatus.failed
  }

  /// The proteins that have no results yet. Results of another sequence, model or setting are errors.
  private func unfinished(_ model: FoldIdentity.Model, _ counts: inout Counts) -> [Job] {
    let pending = jobs.filter { job in
      if let problem = problem(of: job) {
        counts.failed += 1
        diagnostics.error("\(job.name): \(problem)")
        recordFailure(protein(job), recycles: nil, model: model.name, problem)
        return false
      }
      switch options.overwrites ? .missing : existing(job, model) {
      case .missing: return true
      case .complete: counts.skipped += 1
      case .other(let error):
        counts.failed += 1
        // Not in the summary, which has a line of the file that is there.
        diagnostics.error("\(job.name): \(error)")
      }
      return false
    }
    if counts.skipped > 0 {
      diagnostics.note("skipped \(counts.skipped) with complete results; --overwrite folds them again")
    }
    return pending
  }

  private func existing(_ job: Job, _ model: FoldIdentity.Model) -> ExistingFold {
    ExistingFold(
      files(of: job), of: FoldIdentity(request(job), with: model, precision: options.model.precision),
      keeping: options.kept)
  }

  private func foldAll(_ pending: [Job], with location: ModelLocation, _ counts: inout Counts) throws(ModelError) {
    let model = try ESMFold(
      location, threads: options.model.threads ?? SystemInfo.current.availableThreads,
      precision: options.model.precision)
    context.note(model.remarks, of: model.modelName, "folding")
    foldEach(pending, model, &counts)
  }

  /// Removes what killed runs have left of these results, and puts the proteins that they were at last: if one of them needs
  /// more memory than there is, all others are folded before it ends this run, too.
  private func begunLast(_ pending: [Job]) -> [Job] {
    let names = Set(jobs.flatMap { FoldFiles.names(of: $0.name) })
    let left = UnfinishedFile.removeAbandoned(in: folder, where: names.contains)
    func isBegun(_ job: Job) -> Bool { FoldFiles.names(of: job.name).contains(where: left.contains) }
    let begun = pending.filter(isBegun)
    for job in begun {
      diagnostics.warning(
        "\(job.name): found that a run was killed while it folded this protein, perhaps for want of memory; "
          + "it is folded last")
    }
    return pending.filter { !isBegun($0) } + begun
  }

  private func foldEach(_ jobs: [Job], _ model: ESMFold, _ counts: inout Counts) {
    var read: [Reading] = []
    for (index, job) in jobs.enumerated() {
      // Before the work: they tell the next run what this one was at when it was killed.
      let files = Result { try unfinishedFiles(of: job) }
      if read.isEmpty { read = readNext(jobs[index...], model) }
      let reading = read.removeFirst()
      do {
        let result = try fold(job, reading, to: try files.get(), index: index, of: jobs.count, model)
        counts.folded += 1
        report(job, index: index, of: jobs.count, result)
      } catch {
        counts.failed += 1
        fail(job, model, Hints.message(of: error))
        guard let reason = Self.reasonToStop(error) else { continue }
        let left = jobs.count - index - 1
        counts.failed += left
        if left > 0 { diagnostics.error("stopped because \(reason): \(left) more were not folded") }
        return
      }
    }
  }

  /// Why no further protein can be folded after an error.
  private static func reasonToStop(_ error: any Error) -> String? {
    if let error = error as? OutputError, error.isDiskFull { return "the disk is full" }
    if let error = error as? ModelError, error.meansChangedModel { return "the model has changed" }
    return nil
  }

  /// What is asked for a protein, and what the language model made of it.
  private typealias Reading = (request: FoldRequest, states: SequenceStates?)

  /// The states of the next proteins: as many short ones as are best read together.
  private func readNext(_ jobs: ArraySlice<Job>, _ model: ESMFold) -> [Reading] {
    var residues = 0
    let together = jobs.prefix { job in
      residues += request(job).lengthWithLinkers
      return residues <= ESMFold.residuesReadTogether
    }
    let next = together.isEmpty ? jobs.prefix(1) : together
    let requests = next.map(request)
    return zip(requests, model.read(requests)).map { ($0, $1) }
  }

  /// Empty files on their way to the results of a protein.
  private func unfinishedFiles(of job: Job) throws -> [UnfinishedFile] {
    try files(of: job).paths.map { path in
      if let identity = FileIdentity(path), inputs.contains(identity) { throw OutputError.isInput(path: path) }
      return try OutputError.wrapping(
        try UnfinishedFile(for: path, in: context.temporaryFiles, removingAbandoned: false))
    }
  }

  /// Fold one protein and write its results.
  private func fold(
    _ job: Job, _ read: Reading, to files: [UnfinishedFile], index: Int, of count: Int, _ model: ESMFold
  ) throws -> FoldResult {
    let length = read.request.length
    diagnostics.progress(Double(index) / Double(count), "\(index + 1)/\(count) \(job.name), \(length) residues")
    let result = try model.fold(read.request, states: read.states, keeping: kept(job, read.request, model)) {
      progress in
      let blocks = Double(max(1, progress.passes * progress.blocks))
      let done = Double((progress.pass - 1) * progress.blocks + progress.block) / blocks
      diagnostics.progress(
        (Double(index) + done) / Double(count),
        "\(index + 1)/\(count) \(job.name), \(length) residues, pass \(progress.pass)/\(progress.passes)")
    }
    for timing in result.timings {
      diagnostics.detail(
        "timing: stage=\(timing.stage) pass=\(timing.pass) seconds=\(fixed(timing.seconds, 4))", event: "timing",
        [
          ("stage", .text("\(timing.stage)")), ("pass", .whole(timing.pass)), ("seconds", .decimal(timing.seconds, 4)),
        ])
    }
    try write(result, of: job, to: files, model)
    return result
  }

  /// What is asked for, with what the file of an earlier run has besides.
  private func kept(_ job: Job, _ request: FoldRequest, _ model: ESMFold) -> KeptOutputs {
    options.overwrites
      ? options.kept
      : ExistingFold.outputs(
        options.kept, andThoseOf: "\(folder)/\(job.name).tensors.h5",
        FoldIdentity(request, with: model.identity, precision: model.precision))
  }

  /// Write the results under temporary names, then rename them and append the line of the summary.
  private func write(_ result: FoldResult, of job: Job, to files: [UnfinishedFile], _ model: ESMFold) throws {
    for (entry, file) in zip(self.files(of: job).entries, files) {
      try entry.kind.write(result, of: job, options, to: file)
    }
    let row = SummaryRow(
      protein(job), recycles: result.passes - 1, precision: model.precision.rawValue, model: model.modelName,
      .folded(
        meanPLDDT: Double(result.meanPLDDT), ptm: Double(result.ptm), seconds: result.seconds,
        InterfaceSummary(result), passes: result.passes))
    // Another process may have been here meanwhile.
    if !options.overwrites, case .other(let error) = existing(job, model.identity) { throw error }
    try context.temporaryFiles.commit(files) { () throws(OutputError) in
      do throws(OutputError) {
        try summary.append(row)
      } catch {
        // The next run would skip results that are there, and the summary would never have their line.
        for file in files { unlink(file.target) }
        throw error
      }
    }
    for case .otherFold(let path, _) in ExistingFold.ofOtherFolds(self.files(of: job), result.identity) {
      diagnostics.warning(
        "\(job.name): \(path): found a file of another fold beside the new one, expected none"
          + "\nhint: remove it, or give the option that writes it")
    }
  }

  private func report(_ job: Job, index: Int, of count: Int, _ result: FoldResult) {
    let length = result.length, meanPLDDT = Double(result.meanPLDDT), ptm = Double(result.ptm)
    let interfaces = InterfaceSummary(result).words.map { ", \($0)" } ?? ""
    diagnostics.note(
      "\(job.name): \(Self.lengthInWords(request(job))), mean pLDDT \(fixed(meanPLDDT, 1)), "
        + "pTM \(fixed(ptm, 3))\(interfaces), \(fixed(result.seconds, 2)) s (\(index + 1)/\(count))",
      event: "folded",
      [
        ("name", .text(job.name)), ("length", .whole(length)), ("mean_plddt", .decimal(meanPLDDT, 2)),
        ("ptm", .decimal(ptm, 4)),
      ]
        + (result.complex.map { [("chains", .whole(result.chains.count)), ("iptm", .decimal(Double($0.iptm), 4))] }
          ?? [])
        + [("seconds", .decimal(result.seconds, 3))])
  }

  /// Report a protein that could not be folded, in the log and in the summary.
  private func fail(_ job: Job, _ model: ESMFold, _ message: String) {
    diagnostics.error("\(job.name): \(message)")
    // A configuration with no passes at all has no default.
    let recycles = options.recycles ?? (model.defaultRecycles < 0 ? nil : model.defaultRecycles)
    recordFailure(protein(job), recycles: recycles, model: model.modelName, message)
  }

  private func recordFailure(_ protein: SummaryRow.Protein, recycles: Int?, model: String, _ message: String) {
    let sentence = message.prefix { $0 != "\n" }
    // A line about the file of an earlier run stays true.
    if FoldFiles.hasStructure(protein.name, in: folder) { return }
    let row = SummaryRow(
      protein, recycles: recycles, precision: options.model.precision.supported.rawValue, model: model,
      .failed(String(sentence)))
    // The failure has been reported and counted; if this line cannot be written either, the cause is the same.
    try? summary.append(row)
  }

  private func files(of job: Job) -> FoldFiles { FoldFiles(job.name, in: folder, options) }
}
