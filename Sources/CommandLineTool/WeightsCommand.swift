// `esmfold weights list|info|import`: the cache of imported models.

import ESMFoldKit
import Protein

enum WeightsCommand {
  static let command = Command(
    ["weights"], "manage the cache of imported models", subcommands: [list, info, importing])

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

  // === import ===

  struct ImportOptions: Sendable {
    var common = CommonOptions()
    /// The file to write instead of one in the cache.
    var output: String?
    var name: String?
  }

  private static let importing: Command = {
    let output = Option<ImportOptions>(
      OptionDescription(
        name: "output", short: "o", valueLabel: "FILE.h5", completion: .file, defaultText: "a file in the cache",
        group: "Import", help: "the file to write"),
      .value { (values: inout ImportOptions, text: String) throws(InvalidValue) in
        guard !text.isEmpty, text != "-" else { throw InvalidValue("a file") }
        values.output = text
      })
    let name = Option<ImportOptions>(
      OptionDescription(
        name: "name", valueLabel: "NAME", defaultText: "the name of the source", group: "Import",
        help: "the name of the model in the cache"),
      .value { (values: inout ImportOptions, text: String) throws(InvalidValue) in
        guard !text.isEmpty, text != "demo", FileName.sanitized(text) == text else {
          throw InvalidValue("up to 120 of A-Z a-z 0-9 . _ -, not beginning with . or -, and not demo")
        }
        values.name = text
      })
    var command = Command(
      ["weights", "import"], "convert downloaded weights into the cache, once", defaults: ImportOptions(),
      table: OptionTable([output, name] + CommonOptions.table.map { $0.within(\.common) }), common: \.common
    ) { (options, words, context) throws(UsageError) in
      guard let source = words.first else {
        throw .missingArgument("SOURCE, a folder with config.json and safetensors, or a .safetensors file")
      }
      if words.count > 1 { throw .unexpectedArgument(words[1], expected: "one source") }
      return runImport(source, options, context)
    }
    command.arguments = "SOURCE"
    command.details = [
      "SOURCE is a folder as downloaded from Hugging Face (config.json with model.safetensors or its shards), or a "
        + ".safetensors file with config.json beside it."
    ]
    command.completion = .file
    command.examples = [
      Example(line: "esmfold weights import ~/Downloads/esmfold_v1", meaning: "then --model esmfold_v1 is the default")
    ]
    return command
  }()

  private static func runImport(_ source: String, _ options: ImportOptions, _ context: CommandContext) -> Int32 {
    if let output = options.output, let identity = FileIdentity(output), identity == FileIdentity(source) {
      context.diagnostics.error("\(OutputError.isInput(path: output))")
      return ExitStatus.failed
    }
    return attempt(context) {
      let path = try WeightsCatalog(folder: context.cacheFolder).importModel(
        from: source, to: options.output, name: options.name
      ) { done, total, unfinished in
        context.temporaryFiles.register(unfinished)
        context.diagnostics.progress(
          Double(done) / Double(max(1, total)), "importing, \(byteCount(done)) of \(byteCount(total))")
      }
      context.diagnostics.result(path + "\n")
    }
  }

  /// Run `body`; a failure is reported and gives exit status 1.
  private static func attempt(_ context: CommandContext, _ body: () throws -> Void) -> Int32 {
    do {
      try body()
      return ExitStatus.done
    } catch {
      context.diagnostics.error("\(error)")
      return ExitStatus.failed
    }
  }
}
