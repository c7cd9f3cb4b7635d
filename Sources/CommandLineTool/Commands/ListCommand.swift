// `esmfold weights list`: what is in the cache.

import ESMFoldKit
import Platform

enum ListCommand {
  struct Options: Sendable {
    var common = CommonOptions()
    var format = CatalogFormat.text
  }

  static let command: Command = {
    let format = CatalogFormat.option(
      \Options.format,
      help: "text, or tsv: name, kind, bytes, imported, source, file and problem, with tabs between them")
    var command = Command(
      ["weights", "list"], "list the models in the cache", defaults: Options(),
      table: OptionTable([format] + CommonOptions.table.map { $0.within(\.common) }), common: \.common
    ) { (options, words, context) throws(UsageError) in
      if let word = words.first { throw .unexpectedArgument(word, expected: "options only") }
      return run(options, context)
    }
    command.details = [
      "Files that cannot be used (unfinished, cut off, or from another program) and leftovers of killed imports are "
        + "reported as warnings."
    ]
    command.examples = [
      Example(line: "esmfold weights list --format tsv | cut -f 1,3", meaning: "names and bytes, for a script")
    ]
    return command
  }()

  private static func run(_ options: Options, _ context: CommandContext) -> Int32 {
    WeightsCommand.attempt(context) {
      let catalog = WeightsCatalog(folder: context.cacheFolder)
      let entries = try catalog.list()
      switch options.format {
      case .text:
        let rows = entries.map { entry in
          [
            entry.name, entry.kind ?? "-", byteCount(entry.bytes), String((entry.imported ?? "-").prefix(10)),
            entry.source ?? "-",
          ]
        }
        if !rows.isEmpty {
          context.diagnostics.result(aligned([["name", "kind", "size", "imported", "source"]] + rows))
        }
      case .tsv:
        context.diagnostics.result("name\tkind\tbytes\timported\tsource\tfile\tproblem\n")
        for entry in entries {
          context.diagnostics.result(
            TableText.line([
              entry.name, entry.kind, "\(entry.bytes)", entry.imported, entry.source, entry.path,
              entry.problem?.message,
            ]))
        }
      }
      for entry in entries {
        if let problem = entry.problem { context.diagnostics.warning(Hints.message(of: problem)) }
      }
      for leftover in catalog.leftovers() {
        context.diagnostics.warning(
          "\(leftover.path): found the leftover of a killed import, \(byteCount(leftover.bytes)), expected none"
            + "\nhint: the next import into this folder removes it")
      }
      if entries.isEmpty { context.diagnostics.note("no models in \(context.cacheFolder)") }
    }
  }
}
