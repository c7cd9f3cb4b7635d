// `esmfold weights`: the cache of imported models, and its commands that need no file of their own.

import ESMFoldKit

enum WeightsCommand {
  static let command = Command(
    ["weights"], "manage the cache of imported models",
    subcommands: [list, info, FetchCommand.command, ImportCommand.command])

  // === list ===

  private static let list = Command(
    ["weights", "list"], "list the models in the cache", defaults: CommonOptions(),
    table: OptionTable(CommonOptions.table), common: \.self
  ) { (_, words, context) throws(UsageError) in
    if let word = words.first { throw .unexpectedArgument(word, expected: "options only") }
    return attempt(context) {
      let entries = try WeightsCatalog(folder: context.cacheFolder).list()
      let rows = [["name", "size", "file"]] + entries.map { [$0.name, byteCount($0.bytes), $0.path] }
      context.diagnostics.result(aligned(rows))
      for entry in entries { if let problem = entry.problem { context.diagnostics.warning(problem) } }
      if entries.isEmpty { context.diagnostics.note("no models in \(context.cacheFolder)") }
    }
  }

  // === info ===

  private static let info: Command = {
    var command = Command(
      ["weights", "info"], "describe a model: source, configuration, parameters", defaults: CommonOptions(),
      table: OptionTable(CommonOptions.table), common: \.self
    ) { (_, words, context) throws(UsageError) in
      guard let name = words.first else { throw .missingArgument("MODEL, a name in the cache, a file or a folder") }
      if words.count > 1 { throw .unexpectedArgument(words[1], expected: "one model") }
      guard let location = try ModelChoice.resolve(name, context) else { return ExitStatus.failed }
      return attempt(context) {
        let description = try WeightsCatalog(folder: context.cacheFolder).describe(
          location, importing: { context.temporaryFiles.register($0) }, note: { context.diagnostics.note($0) })
        context.diagnostics.result(aligned(description.map { [$0.label, $0.value] }))
      }
    }
    command.arguments = "MODEL"
    command.completion = .model
    return command
  }()

  /// Run `body`; a failure is reported and gives exit status 1.
  static func attempt(_ context: CommandContext, _ body: () throws -> Void) -> Int32 {
    do {
      try body()
      return ExitStatus.done
    } catch {
      context.diagnostics.error("\(error)")
      return ExitStatus.failed
    }
  }
}
