// The folds of one record: computed, written and given their names together.

import ESMFoldKit
import Glibc
import Platform

extension FoldRun {
  /// Folds all samples of a record and writes their results.
  ///
  /// - Parameters:
  ///   - task: The record.
  ///   - states: What the language model made of the first sample.
  ///   - files: Those of the first sample.
  ///   - turn: Its place in the queue, and its threads.
  ///   - display: Shows how far it is.
  ///   - model: The model.
  /// - Returns: The result of the first sample, and if there are more what is kept of all.
  /// - Throws: `ModelError` when the record cannot be folded, `OutputError` when results cannot be written.
  func fold(
    _ task: FoldTask, states: SequenceStates?, to files: Result<[StagedResult], any Error>,
    _ turn: FoldSchedule.Turn, _ display: FoldDisplay, _ model: ESMFold
  ) throws -> (FoldResult, FoldEnsemble?) {
    let firstFiles = try files.get()
    var first: FoldResult?, samples: [FoldEnsemble.Sample] = [], written: [StagedResult] = []
    var firstWritten: [StagedResult] = []
    for (number, part) in task.samples.enumerated() {
      let files = number == 0 ? firstFiles : try store.stage(task.job, part.files.paths)
      var passes = Result<[StagedResult], any Error>.success([])
      // Confidence of each pass costs time, so that nobody else asks for it.
      let eachPass: ((FoldResult) -> Void)? =
        part.passes.isEmpty
        ? nil
        : { result in
          guard part.passes.indices.contains(result.passes - 1) else { return }
          let pass = part.passes[result.passes - 1]
          passes = Result {
            try passes.get() + write(result, of: task.job, pass, to: try store.stage(task.job, pass.files.paths))
          }
        }
      let result = try model.fold(
        part.request, states: number == 0 ? states : nil, keeping: kept(part, model),
        threads: turn.threads, progress: { display.show(turn.record, task, sample: number, $0) }, eachPass: eachPass)
      note(result, of: task.job.name, sample: task.samples.count == 1 ? nil : number + 1)
      let all = try passes.get() + write(result, of: task.job, part, to: files)
      if number == 0 { (first, firstWritten) = (result, all) } else { written += all }
      if task.tables != nil { samples.append(FoldEnsemble.Sample(result)) }
    }
    guard let first else { preconditionFailure("a task without samples") }
    let ensemble = task.tables == nil ? nil : FoldEnsemble(samples)
    if let tables = task.tables, let ensemble {
      for (path, text) in [
        (tables.samples, EnsembleTables.samples(ensemble, names: task.samples.map(\.name))),
        (tables.fluctuations, EnsembleTables.fluctuations(ensemble, first)),
      ] {
        let staged = try store.stage(task.job, [path])
        for result in staged { try OutputError.wrapping(try result.file.append(Array(text.utf8))) }
        written += staged
      }
    }
    // The structure of the first sample comes last, so that it never exists without the others.
    try commit(written + firstWritten, of: task, first, ensemble, model)
    return (first, ensemble)
  }

  /// What `--verbose` shows of a fold.
  private func note(_ result: FoldResult, of name: String, sample: Int?) {
    for timing in result.timings {
      diagnostics.detail(
        "timing: stage=\(timing.stage) pass=\(timing.pass) seconds=\(fixed(timing.seconds, 4)) name=\(name)",
        event: "timing",
        [
          ("name", .text(name)), ("stage", .text("\(timing.stage)")), ("pass", .whole(timing.pass)),
          ("seconds", .decimal(timing.seconds, 4)),
        ])
    }
    for (pass, change) in zip(1..., result.changes) {
      diagnostics.detail(
        "recycling: pass=\(pass) change=\(fixed(Double(change), 3)) name=\(name)", event: "recycling",
        [("name", .text(name)), ("pass", .whole(pass)), ("change", .decimal(Double(change), 3))])
    }
    guard let sample else { return }
    diagnostics.detail(
      "sample: number=\(sample) mean_plddt=\(fixed(Double(result.meanPLDDT), 2)) ptm=\(fixed(Double(result.ptm), 4))",
      event: "sample",
      [
        ("number", .whole(sample)), ("mean_plddt", .decimal(Double(result.meanPLDDT), 2)),
        ("ptm", .decimal(Double(result.ptm), 4)),
      ])
  }

  /// What is asked for, with what the file of an earlier run has besides.
  private func kept(_ part: FoldTask.Part, _ model: ESMFold) -> KeptOutputs {
    options.overwrites
      ? options.kept
      : ExistingFold.outputs(
        options.kept, andThoseOf: store.path(of: part.name + FoldFile.tensors.ending),
        FoldIdentity(part.request, with: model.identity, precision: model.precision), store)
  }

  /// Writes the results of a fold under temporary names.
  private func write(
    _ result: FoldResult, of job: Job, _ part: FoldTask.Part, to files: [StagedResult]
  ) throws -> [StagedResult] {
    let named = Job(record: job.record, name: part.name)
    for (entry, staged) in zip(part.files.entries, files) {
      try entry.kind.write(result, of: named, options, to: staged.file)
    }
    return files
  }

  /// Whether the results are there by now; they stay as they are then.
  private func isFinishedByAnother(_ task: FoldTask, _ model: ESMFold) throws(OutputError) -> Bool {
    if options.overwrites { return false }
    switch task.existing(model.identity, options.model.precision, keeping: options.kept) {
    case .missing: return false
    case .complete: return true
    case .other(let error): throw error
    }
  }

  /// Gives the files their names and appends the line of the summary.
  private func commit(
    _ files: [StagedResult], of task: FoldTask, _ result: FoldResult, _ ensemble: FoldEnsemble?, _ model: ESMFold
  ) throws {
    let row = SummaryRow(
      protein(task.job), recycles: result.identity.recycles, precision: model.precision.rawValue,
      model: model.modelName, origin,
      .folded(
        SummaryRow.Scores(
          meanPLDDT: Double(result.meanPLDDT), ptm: Double(result.ptm), seconds: result.seconds, passes: result.passes,
          samples: task.samples.count, bestSample: (ensemble?.ranked[0] ?? 0) + 1),
        InterfaceSummary(result)))
    // Another process may have been here meanwhile: a copy of this one, on a node that was believed lost.
    let isThere = try isFinishedByAnother(task, model)
    try store.commit(isThere ? [] : files, row)
    for part in task.samples {
      let identity = FoldIdentity(part.request, with: model.identity, precision: model.precision)
      for case .otherFold(let path, _) in ExistingFold.ofOtherFolds(part.files, identity) {
        diagnostics.warning(
          "\(task.job.name): \(path): found a file of another fold beside the new one, expected none"
            + "\nhint: remove it, or give the option that writes it")
      }
    }
  }
}
