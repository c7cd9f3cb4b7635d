// Options that the commands of the language models share.

import ESMFoldKit
import Protein

/// Which language model reads, and how.
package struct LanguageOptions: Sendable {
  package var model = ModelOptions()
  package var input = InputOptions()
  /// FASTA files named with `--fasta`, before the positional ones.
  package var fasta: [String] = []
  /// Whether sequences beyond a model's learned positions are read in overlapping windows.
  package var usesWindows = false
  package var cluster = ClusterOptions()

  package init() {}

  static let model = Option<LanguageOptions>(
    OptionDescription(
      name: "model", aliases: ["model-name"], short: "m",
      form: .value("MODEL", completion: .model, default: ModelLocation.languageModel, environment: "ESMFOLD_MODEL"),
      group: "Model",
      help: "the model: a name in the cache, an .h5 file, or downloaded weights (a folder, or a .safetensors or .pt "
        + "file); of a folding model its language model is used"),
    .value { (values: inout LanguageOptions, text: String) throws(InvalidValue) in
      guard !text.isEmpty else { throw InvalidValue("a model's name, a file or a folder") }
      values.model.model = text
    })

  static let long = Option<LanguageOptions>(
    OptionDescription(
      name: "long", form: .value("HOW", completion: .choice(["error", "windows"]), default: "error"), group: "Model",
      help: "sequences beyond the positions that a model has learned (ESM-1b, ESM-1v: 1022 residues): an error, or "
        + "windows that overlap by \(ESM.windowOverlap) residues at least and are averaged; ESM-2 has no limit"),
    .value { (values: inout LanguageOptions, text: String) throws(InvalidValue) in
      guard text == "error" || text == "windows" else { throw InvalidValue("error or windows") }
      values.usesWindows = text == "windows"
    })

  static let fasta = Option<LanguageOptions>(
    OptionDescription(
      name: "fasta", short: "i", form: .value("FILE", completion: .file), group: "Input and output",
      help: "a FASTA file, like the arguments; may be given several times"),
    .value { (values: inout LanguageOptions, text: String) throws(InvalidValue) in values.fasta.append(text) })

  /// How sequences are read; `gaps`: what becomes of gaps by default.
  static func sequences(gaps: FASTARules.Gaps = .drop) -> [Option<LanguageOptions>] {
    InputOptions.table(gaps: gaps).map { $0.within(\.input) }
  }

  /// No published model has a classifier, so none can be the default.
  static let classifier = Option<LanguageOptions>(
    OptionDescription(
      name: "model", aliases: ["model-name"], short: "m",
      form: .value("MODEL", completion: .model, environment: "ESMFOLD_MODEL"), group: "Model",
      help: "the fine-tuned model: a name in the cache, an .h5 file, or downloaded weights (a folder, or a "
        + ".safetensors or .pt file)"), model.effect)

  /// All but the input: model, windows, precision, threads.
  static let computation = [model] + reading

  /// How a model reads: windows, precision, threads.
  static let reading: [Option<LanguageOptions>] = [
    long, ModelOptions.precision.within(\.model), ModelOptions.threads.within(\.model),
  ]

  /// Which part of the input is computed, and until when.
  static let cluster: [Option<LanguageOptions>] = ClusterOptions.table.map { $0.within(\.cluster) }

  /// The same of commands that only write tables: a table has all records or none, so that nothing could be left.
  static let shard: [Option<LanguageOptions>] = [ClusterOptions.shardOption.within(\.cluster)]

  /// The files to read: the named ones, else standard input unless it is a terminal.
  func inputs(_ files: [String], _ context: CommandContext) throws(UsageError) -> [String] {
    let inputs = fasta + files
    guard inputs.isEmpty else { return inputs }
    guard !context.inputIsTerminal else { throw .noInput }
    return ["-"]
  }
}
