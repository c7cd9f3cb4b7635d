// `esmfold weights info`: a model's source, configuration and tensors.

import ESMFoldKit
import Platform

enum DescribeCommand {
  struct Options: Sendable {
    var common = CommonOptions()
    /// Whether every tensor is listed.
    var listsTensors = false
    var format = CatalogFormat.text
  }

  static let command: Command = {
    let tensors = Option<Options>(
      OptionDescription(
        name: "tensors", group: "Output", help: "also list every tensor: name, number format, shape and size"),
      .flag { $0.listsTensors = $1 })
    let format = CatalogFormat.option(
      \Options.format,
      help:
        "text, or tsv: with --tensors only the table of tensors (name, dtype, shape, bytes, sha256), else label and "
        + "value, with tabs between them")
    var command = Command(
      ["weights", "info"], "describe a model: source, configuration, tensors", defaults: Options(),
      table: OptionTable([tensors, format] + CommonOptions.table.map { $0.within(\.common) }), common: \.common
    ) { (options, words, context) throws(UsageError) in
      guard let location = try ModelChoice.argument(words, context) else { return ExitStatus.failed }
      return run(location, options, context)
    }
    command.arguments = "MODEL"
    command.completion = .model
    command.examples = [
      Example(line: "esmfold weights info esmfold_v1", meaning: "what it is, where it comes from, with digests"),
      Example(
        line: "esmfold weights info esmfold_v1 --tensors --format tsv", meaning: "every tensor, a line each"),
    ]
    return command
  }()

  private static func run(_ location: ModelLocation, _ options: Options, _ context: CommandContext) -> Int32 {
    WeightsCommand.attempt(context) {
      let catalog = WeightsCatalog(folder: context.cacheFolder)
      let location = try context.imported(location)
      let facts = try catalog.describe(location)
      let tensors = options.listsTensors ? try catalog.tensors(of: location) : []
      switch options.format {
      case .text:
        context.diagnostics.result(aligned(facts.map { [$0.label, $0.value] }))
        guard options.listsTensors else { return }
        let rows = tensors.map { [$0.name, $0.type, shape($0.shape), byteCount($0.bytes)] }
        context.diagnostics.result("\n" + aligned([["tensor", "dtype", "shape", "size"]] + rows))
      case .tsv where options.listsTensors:
        let lines = tensors.map { TableText.line([$0.name, $0.type, shape($0.shape), "\($0.bytes)", $0.sha256]) }
        context.diagnostics.result("name\tdtype\tshape\tbytes\tsha256\n" + lines.joined())
      case .tsv:
        context.diagnostics.result(facts.map { TableText.line([trimmed($0.label), $0.value]) }.joined())
      }
    }
  }

  /// `33x320`; `scalar` for one number.
  private static func shape(_ shape: [Int]) -> String {
    shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: "x")
  }

  private static func trimmed(_ label: String) -> String { String(label.drop { $0 == " " }) }
}
