// `esmfold weights verify`: whether a model still is what was imported.

import ESMFoldKit
import Platform

enum VerifyCommand {
  struct Options: Sendable {
    var common = CommonOptions()
    /// Whether the files that the model was imported from are read, too.
    var readsSources = false
    /// Whether published results are compared, too.
    var comparesPublished = false
    /// Only the number of threads counts.
    var model = ModelOptions()
  }

  static let command: Command = {
    let source = Option<Options>(
      OptionDescription(
        name: "source", group: "Verification",
        help:
          "also read the files that the model was imported from and compare their digests; by default only size and "
          + "time are compared, and a change is a warning"),
      .flag { $0.readsSources = $1 })
    let published = Option<Options>(
      OptionDescription(
        name: "published", group: "Verification",
        help: "also compute what was published for models of this configuration, and compare; for esmfold_v1, "
          + "esm2_t6_8M_UR50D and demo"),
      .flag { $0.comparesPublished = $1 })
    var command = Command(
      ["weights", "verify"], "read a model again and compare it with what was imported", defaults: Options(),
      table: OptionTable(
        [source, published, ModelOptions.threads.within(\.model)] + CommonOptions.table.map { $0.within(\.common) }),
      common: \.common
    ) { (options, words, context) throws(UsageError) in
      guard let location = try ModelChoice.argument(words, context) else { return ExitStatus.failed }
      return run(location, options, context)
    }
    command.arguments = "MODEL"
    command.details = [
      "The digest of every tensor is computed again and compared, numbers that are not finite are reported, and "
        + "names and shapes are compared with the configuration. Each fault is an error that names the tensor; the "
        + "exit status is 1 then.",
      "With --published the model is also run, and its numbers are compared with those that the authors of the model "
        + "and of transformers have published. It is known by its configuration, whatever its name: other weights of "
        + "the same configuration are reported as off, with exit status 1.",
    ]
    command.completion = .model
    command.examples = [
      Example(line: "esmfold weights verify esmfold_v1", meaning: "after a copy, or when a disk is in doubt"),
      Example(line: "esmfold weights verify esmfold_v1 --published", meaning: "whether folds are right, here and now"),
      Example(line: "esmfold weights verify /shared/models/esmfold_v1.h5", meaning: "a file anywhere"),
    ]
    return command
  }()

  private static func run(_ location: ModelLocation, _ options: Options, _ context: CommandContext) -> Int32 {
    let diagnostics = context.diagnostics
    let failures = diagnostics.errorCount
    let status = WeightsCommand.attempt(context) {
      let catalog = WeightsCatalog(folder: context.cacheFolder), location = try context.imported(location)
      // What cannot be compared is said before gigabytes are read.
      if options.comparesPublished { try catalog.checkPublished(location) }
      let found = try catalog.verify(location, rereadsSources: options.readsSources) { done, total in
        diagnostics.progress("verifying", bytes: done, of: total)
      }
      diagnostics.endProgress()
      // There may be thousands of faults with the same hint.
      for fault in found.faults.dropLast() { diagnostics.error(fault.message) }
      if let last = found.faults.last { diagnostics.error(last) }
      reportSources(found, options, diagnostics)
      if !found.hasDigests, !found.isInProgram {
        diagnostics.warning(
          "\(found.name): found no digests of tensors, expected one for each\nhint: the file was written by an early "
            + "version; import the model again to have them")
      }
      let size = "\(found.tensors) \(found.tensors == 1 ? "tensor" : "tensors"), \(byteCount(found.bytes))"
      let outcome =
        if !found.faults.isEmpty {
          "\(found.faults.count) \(found.faults.count == 1 ? "fault" : "faults")"
        } else {
          found.hasDigests ? "as imported" : "finite numbers that fit the configuration"
        }
      diagnostics.result("\(visible(found.name)): \(size): \(outcome)\n")
      if options.comparesPublished, found.faults.isEmpty {
        let comparison = try catalog.comparePublished(
          location, threads: options.model.threads ?? SystemInfo.availableThreads
        ) { diagnostics.progress($0, "computing what was published") }
        diagnostics.endProgress()
        PublishedReport.report(comparison, of: found.name, diagnostics)
      }
    }
    return diagnostics.errorCount > failures ? ExitStatus.failed : status
  }

  private static func reportSources(
    _ found: WeightsCatalog.Verification, _ options: Options, _ diagnostics: Diagnostics
  ) {
    for (path, state) in found.sources {
      switch state {
      case .unchanged: diagnostics.detail("\(path): size and time as when it was imported")
      case .sameContent: diagnostics.note("\(path): content as when it was imported")
      case .changed(let found, let expected):
        let message = "\(path): found \(found), expected \(expected), as when it was imported"
        if options.readsSources { diagnostics.error(message) } else { diagnostics.warning(message) }
      case .absent:
        let message = "\(path): found no such file that can be read, expected what was imported"
        if options.readsSources { diagnostics.error(message) } else { diagnostics.detail(message) }
      }
    }
    guard !options.readsSources, !found.sources.isEmpty else { return }
    if found.sources.allSatisfy({ $0.state == .unchanged }) {
      diagnostics.note("the files that it was imported from have kept size and time; --source compares their content")
    } else if found.sources.allSatisfy({ $0.state == .absent }) {
      diagnostics.note("the files that it was imported from no longer exist")
    }
  }
}
