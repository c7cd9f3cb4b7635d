// One run of `esmfold fold`: which proteins to fold, and the outcome of each.

import ESMFoldKit
import Glibc
import Platform
import Protein

struct FoldRun {
  let options: FoldOptions
  let store: any FoldStore
  let location: ModelLocation
  let context: CommandContext
  /// The records of the input, perhaps those of other shards, too.
  let jobs: [Job]
  /// Which of the jobs are this run's; nil where all are.
  private let ownJobs: [Bool]?
  /// Those of this run.
  let badInputs: [BadInput]
  /// Which part of the input is this run's; nil for all.
  let share: Share?
  /// nil: none.
  let limit: TimeLimit?
  /// The numbers of residues that were given.
  let numbers: ResidueNumbers
  /// As the summary names it; asked of the system once.
  let machine: String

  var diagnostics: Diagnostics { context.diagnostics }

  /// Read the inputs and open the folder or the tar for results; mistakes in the inputs are reported.
  ///
  /// - Throws: `OutputError` when nothing can be written there.
  init(
    options: FoldOptions, output: String, inputs: [String], location: ModelLocation, context: CommandContext
  ) throws(OutputError) {
    self.options = options
    self.location = location
    self.context = context
    machine = Self.machine(options)
    let files = Set(inputs.filter { $0 != "-" }.compactMap { FileIdentity($0) })
    limit = options.cluster.limit
    do {
      numbers = try ResidueNumbers(options.complex.residueIndex)
    } catch {
      throw .unwritable(error)
    }
    store =
      FoldOptions.isTar(output)
      ? SerialStore(try TarStore(output, options.cluster, inputs: files, context.temporaryFiles))
      : try FolderStore(output, options.cluster, inputs: files, context.temporaryFiles)
    let input = Self.read(inputs, options, context.diagnostics), reader = input.reader
    for name in numbers.surplus(Set(reader.jobs.map(\.record.name))) {
      context.diagnostics.warning("--residue-index: found \(quoted(name)), expected the name of a record of the input")
    }
    (jobs, share) = (reader.jobs, input.share)
    ownJobs = input.isOwnOnly ? nil : input.share.map { share in reader.jobs.indices.map(share.has) }
    badInputs = Self.own(reader, share, context.diagnostics)
  }

  /// Whether a job is this run's.
  private func isOwn(_ index: Int) -> Bool { ownJobs?[index] ?? true }

  /// How many jobs are this run's.
  private var jobCount: Int { jobs.indices.count(where: isOwn) }

  /// The number of proteins by outcome.
  struct Counts {
    var folded = 0
    var skipped = 0
    var failed = 0
    /// For which the time does not suffice.
    var left = 0
    /// Whether the run has ended before all others were tried.
    var isStopped = false
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
    if jobCount > 0 {
      do {
        let weights = try FoldingWeights(try context.imported(location, for: .folding))
        let pending = begunLast(unfinished(weights.identity, &counts))
        if !pending.tasks.isEmpty { try foldAll(pending.tasks, begun: pending.begun, with: weights, &counts) }
      } catch {
        diagnostics.error(error)
        counts.failed = badInputs.count + jobCount - counts.skipped
        counts.isStopped = true
      }
    }
    let isEnded = finish(counts)
    let seconds = (ContinuousClock.now - start).inSeconds
    let status = context.end(
      [("folded", counts.folded, true), ("skipped", counts.skipped, true), ("failed", counts.failed, true)],
      left: counts.left,
      seconds: seconds, options.cluster)
    return isEnded || status != ExitStatus.done ? status : ExitStatus.failed
  }

  /// Completes what is written at the end of a run.
  private func finish(_ counts: Counts) -> Bool {
    let own = jobs.indices.filter(isOwn).map { jobs[$0].name }
    do throws(OutputError) {
      try store.finish(
        badInputs.compactMap(\.name) + own, isComplete: counts.left == 0 && !counts.isStopped)
      return true
    } catch {
      diagnostics.error(error)
      return false
    }
  }

  /// The proteins that have no results yet. Results of another sequence, model or setting are errors.
  private func unfinished(_ model: FoldIdentity.Model, _ counts: inout Counts) -> [FoldTask] {
    var names: [String: String] = [:], complete: [(task: FoldTask, place: Int)] = []
    var pending = jobs.enumerated().compactMap { index, job -> (task: FoldTask, place: Int)? in
      let task = FoldTask(
        job, request(job), in: store, options, defaultRecycles: max(0, model.defaultRecycles))
      let problem = problem(of: task, &names)
      guard isOwn(index) else { return nil }
      if let problem {
        counts.failed += 1
        diagnostics.error("\(job.name): \(problem)")
        recordFailure(protein(job), recycles: nil, model: model.name, problem)
        return nil
      }
      switch options.overwrites
        ? .missing : task.existing(model, options.model.precision, keeping: options.kept)
      {
      case .missing: return (task, index)
      case .complete where store.cutName == job.name:
        diagnostics.warning("\(job.name): found its line of the summary cut off; it is folded again")
        return (task, index)
      case .complete: complete.append((task, index))
      case .other(let error):
        counts.failed += 1
        // Not in the summary, which has a line of the file that is there.
        diagnostics.error("\(job.name): \(error)")
      }
      return nil
    }
    pending += withoutLine(&complete)
    counts.skipped += complete.count
    if !complete.isEmpty {
      diagnostics.note("skipped \(complete.count) with complete results; --overwrite folds them again")
    }
    return pending.sorted { $0.place < $1.place }.map(\.task)
  }

  /// Tells of proteins that have results and no line of a summary, and takes those out that are folded again for it.
  private func withoutLine(_ complete: inout [(task: FoldTask, place: Int)]) -> [(task: FoldTask, place: Int)] {
    guard !complete.isEmpty else { return [] }
    let (lacking, hasShards) = store.withoutLine(complete.map(\.task.job.name))
    guard let first = lacking.first else { return [] }
    let found =
      "summary: found no line of \(counted(lacking.count, "protein")) with results "
      + "(\(quoted(first))\(lacking.count == 1 ? "" : " and so on")), expected one of each"
    guard hasShards else {
      diagnostics.warning(found + "\nhint: remove the files of a protein, and the same command folds it again")
      return []
    }
    // esmfold merge joins shards by their lines.
    diagnostics.warning(found + "; what has none is folded again")
    let names = Set(lacking), again = complete.filter { names.contains($0.task.job.name) }
    complete.removeAll { names.contains($0.task.job.name) }
    return again
  }

  private func foldAll(
    _ pending: [FoldTask], begun: Int, with weights: FoldingWeights, _ counts: inout Counts
  ) throws(ModelError) {
    let threads = options.model.threads ?? SystemInfo.availableThreads
    let model = try ESMFold(weights, threads: threads, precision: options.model.precision)
    let queue = FoldQueue(self, pending, begun: begun, model)
    context.begin(model.modelName, threads: threads, jobs: queue.jobs, share)
    context.note(model.remarks, of: model.modelName, "folding")
    queue.foldAll(&counts)
  }

  /// Removes what killed runs have left of these results, and puts the proteins that they were at last: if one of them needs
  /// more memory than there is, all others are folded before it ends this run, too.
  ///
  /// - Returns: The tasks, and how many of the last ones a killed run was at.
  private func begunLast(_ pending: [FoldTask]) -> (tasks: [FoldTask], begun: Int) {
    let proteins = store.killed(jobs, isOwn: isOwn)
    let begun = pending.filter { proteins.contains($0.job.name) }
    for task in begun {
      diagnostics.warning(
        "\(task.job.name): found that a run was killed while it folded this protein, perhaps for want of memory; "
          + "it is folded last")
    }
    return (pending.filter { !proteins.contains($0.job.name) } + begun, begun.count)
  }

  /// Says what was folded; `place` is how many of how many are done with it.
  func report(_ job: Job, _ place: String, _ result: FoldResult, _ ensemble: FoldEnsemble?) {
    let length = result.length, meanPLDDT = Double(result.meanPLDDT), ptm = Double(result.ptm)
    let interfaces = InterfaceSummary(result).words.map { ", \($0)" } ?? ""
    let best =
      ensemble.map { ensemble in
        let best = ensemble.ranked[0]
        return "; best of \(ensemble.samples.count) samples: \(best + 1), "
          + "\(result.complex == nil ? "pTM" : "0.8 ipTM + 0.2 pTM") \(fixed(Double(ensemble.samples[best].ranking), 3))"
      } ?? ""
    diagnostics.note(
      "\(job.name): \(Self.lengthInWords(request(job))), mean pLDDT \(fixed(meanPLDDT, 1)), "
        + "pTM \(fixed(ptm, 3))\(interfaces), \(fixed(result.seconds, 2)) s (\(place))\(best)",
      event: "folded",
      [
        ("name", .text(job.name)), ("length", .whole(length)), ("mean_plddt", .decimal(meanPLDDT, 2)),
        ("ptm", .decimal(ptm, 4)),
      ]
        + (result.complex.map { [("chains", .whole(result.chains.count)), ("iptm", .decimal(Double($0.iptm), 4))] }
          ?? [])
        + (ensemble.map { [("samples", .whole($0.samples.count)), ("best_sample", .whole($0.ranked[0] + 1))] } ?? [])
        + [("seconds", .decimal(result.seconds, 3))],
      strip: ConfidenceStrip(result.confidenceByResidue))
  }

  /// Report a protein that could not be folded, in the log and in the summary.
  func fail(_ job: Job, _ model: ESMFold, _ message: String) {
    diagnostics.error("\(job.name): \(message)")
    // A configuration with no passes at all has no default.
    let recycles = options.recycles ?? (model.defaultRecycles < 0 ? nil : model.defaultRecycles)
    recordFailure(protein(job), recycles: recycles, model: model.modelName, message)
  }

  private func recordFailure(_ protein: SummaryRow.Protein, recycles: Int?, model: String, _ message: String) {
    let sentence = message.prefix { $0 != "\n" }
    let row = SummaryRow(
      protein, recycles: recycles, precision: options.model.precision.supported.rawValue, model: model, origin,
      .failed(String(sentence)))
    // The failure has been reported and counted; if this line cannot be written either, the cause is the same.
    try? store.commitFailure(row)
  }
}
