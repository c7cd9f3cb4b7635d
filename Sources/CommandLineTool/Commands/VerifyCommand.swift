// `esmfold weights verify`: whether a model still is what was imported.

import ESMFoldKit
import Platform

enum VerifyCommand {
  struct Options: Sendable {
    var common = CommonOptions()
    /// Whether the files that the model was imported from are read, too.
    var readsSources = false
  }

  static let command: Command = {
    let source = Option<Options>(
      OptionDescription(
        name: "source", group: "Verification",
        help:
          "also read the files that the model was imported from and compare their digests; by default only size and "
          + "time are compared, and a change is a warning"),
      .flag { $0.readsSources = $1 })
    var command = Command(
      ["weights", "verify"], "read a model again and compare it with what was imported", defaults: Options(),
      table: OptionTable([source] + CommonOptions.table.map { $0.within(\.common) }), common: \.common
    ) { (options, words, context) throws(UsageError) in
      guard let location = try ModelChoice.argument(words, context) else { return ExitStatus.failed }
      return run(location, options, context)
    }
    command.arguments = "MODEL"
    command.details = [
      "The digest of every tensor is computed again and compared, numbers that are not finite are reported, and "
        + "names and shapes are compared with the configuration. Each fault is an error that names the tensor; the "
        + "exit status is 1 then."
    ]
    command.completion = .model
    command.examples = [
      Example(line: "esmfold weights verify esmfold_v1", meaning: "after a copy, or when a disk is in doubt"),
      Example(line: "esmfold weights verify /shared/models/esmfold_v1.h5", meaning: "a file anywhere"),
    ]
    return command
  }()

  private static func run(_ location: ModelLocation, _ options: Options, _ context: CommandContext) -> Int32 {
    let diagnostics = context.diagnostics
    let failures = diagnostics.errorCount
    let status = WeightsCommand.attempt(context) {
      let found = try WeightsCatalog(folder: context.cacheFolder).verify(
        try context.imported(location), rereadsSources: options.readsSources
      ) { done, total in
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
