// `esmfold weights import`: downloaded weights become a file of the cache.

import ESMFoldKit
import Platform
import Protein

enum ImportCommand {
  /// The choices of one import.
  struct Options: Sendable {
    var common = CommonOptions()
    /// The file to write instead of one in the cache.
    var output: String?
    var settings = WeightsCatalog.ImportSettings()
  }

  static let command: Command = {
    var command = Command(
      ["weights", "import"], "convert downloaded weights into the cache, once", defaults: Options(),
      table: OptionTable(
        [output, name.within(\.settings), type.within(\.settings), languageModel]
          + CommonOptions.table.map { $0.within(\.common) }), common: \.common
    ) { (options, words, context) throws(UsageError) in
      guard let source = words.first else {
        throw .missingArgument("SOURCE, a folder of downloaded weights, or a file of them")
      }
      if words.count > 1 { throw .unexpectedArgument(words[1], expected: "one source") }
      return run(source, options, context)
    }
    command.arguments = "SOURCE"
    command.details = [
      "SOURCE is a folder as downloaded from Hugging Face: config.json with model.safetensors or pytorch_model.bin, "
        + "or the index of their shards. Or one such file (.safetensors, .bin, .pt, .ckpt, .index.json).",
      "Meta's own files (esm2_*.pt, esm1b_*.pt, esm1v_*.pt, esmfold_3B_v1.pt) need no config.json. The file "
        + "-contact-regression.pt beside them is read too; ESMFold's trunk needs esm2_t36_3B_UR50D.pt beside it, or "
        + "--language-model.",
      "Checkpoints of PyTorch are read as data: nothing in them is run, and one that would run something is refused.",
    ]
    command.completion = .file
    command.examples = [
      Example(line: "esmfold weights import ~/Downloads/esmfold_v1", meaning: "then --model esmfold_v1 is the default"),
      Example(
        line: "esmfold weights import esm2_t33_650M_UR50D.pt --dtype float16",
        meaning: "half the size, for embeddings that need no more"),
    ]
    return command
  }()

  // MARK: Options

  private static let output = Option<Options>(
    OptionDescription(
      name: "output", short: "o", form: .value("FILE.h5", completion: .file, default: "a file in the cache"),
      group: "Import", help: "the file to write"),
    .value { (values: inout Options, text: String) throws(InvalidValue) in
      guard !text.isEmpty, text != "-" else { throw InvalidValue("a file") }
      values.output = text
    })

  static let name = Option<WeightsCatalog.ImportSettings>(
    OptionDescription(
      name: "name", form: .value("NAME", default: "the name of the source"), group: "Import",
      help: "the name of the model in the cache"),
    .value { (values: inout WeightsCatalog.ImportSettings, text: String) throws(InvalidValue) in
      guard !text.isEmpty, text != "demo", FileName.sanitized(text) == text else {
        throw InvalidValue("up to 120 of A-Z a-z 0-9 . _ -, not beginning with . or -, and not demo")
      }
      values.name = text
    })

  static let type = Option<WeightsCatalog.ImportSettings>(
    OptionDescription(
      name: "dtype",
      form: .value("TYPE", completion: .choice(WeightsCatalog.StoredType.allCases.map(\.rawValue)), default: "keep"),
      group: "Import",
      help: "the number format that the language model is stored in: keep (as it comes), float32, float16 or bfloat16; "
        + "ESMFold's trunk is never converted"),
    .value { (values: inout WeightsCatalog.ImportSettings, text: String) throws(InvalidValue) in
      guard let type = WeightsCatalog.StoredType(rawValue: text) else {
        throw InvalidValue("keep, float32, float16 or bfloat16")
      }
      values.languageModelType = type
    })

  private static let languageModel = Option<Options>(
    OptionDescription(
      name: "language-model", aliases: ["stem"],
      form: .value("FILE.pt", completion: .file, default: "esm2_t36_3B_UR50D.pt beside it"), group: "Import",
      help: "the language model for a SOURCE that holds ESMFold's trunk only"),
    .value { (values: inout Options, text: String) throws(InvalidValue) in
      guard !text.isEmpty, text != "-" else { throw InvalidValue("a file") }
      values.settings.languageModel = text
    })

  // MARK: Run

  private static func run(_ source: String, _ options: Options, _ context: CommandContext) -> Int32 {
    for input in [source, options.settings.languageModel].compactMap(\.self) {
      if let output = options.output, let identity = FileIdentity(output), identity == FileIdentity(input) {
        context.diagnostics.error(OutputError.isInput(path: output))
        return ExitStatus.failed
      }
    }
    return WeightsCommand.attempt(context) {
      let path = try WeightsCatalog(folder: context.cacheFolder).importModel(
        from: source, to: options.output, options.settings
      ) {
        context.diagnostics.progress("importing", bytes: $0.bytesDone, of: $0.bytesTotal)
      }
      context.diagnostics.result(visible(path) + "\n")
    }
  }
}
