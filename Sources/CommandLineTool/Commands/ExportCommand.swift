// `esmfold weights export`: a model as a folder that transformers loads.

import ESMFoldKit
import Platform

enum ExportCommand {
  struct Options: Sendable {
    var common = CommonOptions()
    var output: String?
    var overwrites = false
  }

  static let command: Command = {
    let output = Option<Options>(
      OptionDescription(
        name: "output", short: "o", form: .value("DIR", completion: .folder), group: "Export",
        help: "the folder to write; it is created with its parents"),
      .value { (values: inout Options, text: String) throws(InvalidValue) in
        guard !text.isEmpty, text != "-" else { throw InvalidValue("a folder") }
        values.output = text
      })
    let overwrite = Option<Options>(
      OptionDescription(
        name: "overwrite", form: .negatable(), group: "Export",
        help: "replace files of an earlier export; otherwise they are an error"),
      .flag { $0.overwrites = $1 })
    var command = Command(
      ["weights", "export"], "write a model as safetensors, as transformers loads it", defaults: Options(),
      table: OptionTable([output, overwrite] + CommonOptions.table.map { $0.within(\.common) }), common: \.common
    ) { (options, words, context) throws(UsageError) in
      guard let folder = options.output else { throw .missingOption(output.description) }
      guard let location = try ModelChoice.argument(words, context) else { return ExitStatus.failed }
      return run(location, to: folder, options, context)
    }
    command.arguments = "MODEL -o DIR"
    command.details = [
      "DIR gets model.safetensors with the names of transformers, every tensor bit for bit as it is in the cache, "
        + "config.json, and vocab.txt, tokenizer_config.json and special_tokens_map.json for AutoTokenizer. The weights get "
        + "their name last, so a folder with model.safetensors is complete. A damaged tensor is an error."
    ]
    command.completion = .model
    command.examples = [
      Example(
        line: "esmfold weights export esmfold_v1 -o hf/esmfold_v1",
        meaning: "in Python: EsmForProteinFolding.from_pretrained(\"hf/esmfold_v1\")")
    ]
    return command
  }()

  private static func run(
    _ location: ModelLocation, to folder: String, _ options: Options, _ context: CommandContext
  ) -> Int32 {
    WeightsCommand.attempt(context) {
      let path = try WeightsCatalog(folder: context.cacheFolder).export(
        try context.imported(location), to: folder, overwriting: options.overwrites
      ) {
        context.diagnostics.progress("exporting", bytes: $0.bytesDone, of: $0.bytesTotal)
      }
      context.diagnostics.endProgress()
      context.diagnostics.result(visible(path) + "\n")
    }
  }
}
