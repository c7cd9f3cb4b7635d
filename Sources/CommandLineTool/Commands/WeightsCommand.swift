// `esmfold weights`: the cache of imported models. Each of its commands has its own file.

enum WeightsCommand {
  static let command = Command(
    ["weights"], "manage the cache of imported models",
    subcommands: [
      ListCommand.command, DescribeCommand.command, FetchCommand.command, ImportCommand.command,
      VerifyCommand.command, ExportCommand.command, RemoveCommand.command,
    ])

  /// Run `body`; a failure is reported and gives exit status 1.
  static func attempt(_ context: CommandContext, _ body: () throws -> Void) -> Int32 {
    do {
      try body()
      return ExitStatus.done
    } catch {
      context.diagnostics.error(error)
      return ExitStatus.failed
    }
  }
}
