// `esmfold tokenize`: sequences as the ids that a language model reads, and back.

import ESMFoldKit
import Glibc

extension LanguageOptions {
  /// The model is needed only if it has its own vocabulary.
  static let modelOfTokenizer = Option<LanguageOptions>(
    OptionDescription(
      name: "model", aliases: ["model-name"], short: "m",
      form: .value(
        "MODEL", completion: .model, default: "the vocabulary that all published models share",
        environment: "ESMFOLD_MODEL"),
      group: "Model", help: "the model whose vocabulary counts"), model.effect)
}

enum TokenizeCommand {
  static let command: Command = {
    var command = Command(
      ["tokenize"], "print the token ids of sequences", defaults: TokenizeOptions(), table: TokenizeOptions.table,
      common: \.common
    ) { (options, files, context) throws(UsageError) in
      try run(options, files, context)
    }
    command.arguments = "[FASTA...]"
    command.details = [
      "The table has the columns name and ids (separated by blanks). Ids are those of transformers' EsmTokenizer, "
        + "with one exception: each character that is in no token is an <unk> of its own, where EsmTokenizer makes "
        + "one <unk> of several in a row and so shifts every position after them."
    ]
    command.completion = .file
    command.examples = [
      Example(line: "echo 'MKT<mask>YIA' | esmfold tokenize", meaning: "0 20 15 11 32 19 12 5 2"),
      Example(line: "esmfold tokenize a.fasta | esmfold tokenize --decode -", meaning: "there and back"),
    ]
    return command
  }()

  private static func run(
    _ options: TokenizeOptions, _ files: [String], _ context: CommandContext
  ) throws(UsageError) -> Int32 {
    try FileEnding.table.check(options.output, TableOptions.output.description)
    do {
      guard let tokenizer = try tokenizer(options, context) else { return ExitStatus.failed }
      if let path = options.vocabulary {
        let vocabulary = try TableOutput(path, inputs: options.language.fasta + files, context)
        try vocabulary.write(tokenizer.vocabularyText)
        try vocabulary.finish()
        // Without an input, only the vocabulary was requested.
        if files.isEmpty, options.language.fasta.isEmpty { return ExitStatus.done }
      }
      let inputs = try options.language.inputs(files, context)
      let table = try TableOutput(options.output, inputs: inputs, context)
      let failures =
        options.decodes
        ? try decode(inputs, tokenizer, table, context.diagnostics)
        : try encode(inputs, tokenizer, options, table, context.diagnostics)
      try table.finish()
      return failures == 0 ? ExitStatus.done : ExitStatus.failed
    } catch let error as UsageError {
      throw error
    } catch {
      context.diagnostics.error(error)
      return ExitStatus.failed
    }
  }

  /// The tokenizer; nil when the model cannot be used, which has been reported.
  private static func tokenizer(_ options: TokenizeOptions, _ context: CommandContext) throws -> Tokenizer? {
    guard options.language.model.model != nil else { return .standard }
    guard let location = try ModelChoice.resolveLanguageModel(options.language.model.model, context) else { return nil }
    return try Tokenizer(of: location)
  }

  private static func encode(
    _ inputs: [String], _ tokenizer: Tokenizer, _ options: TokenizeOptions, _ table: TableOutput,
    _ diagnostics: Diagnostics
  ) throws(OutputError) -> Int {
    var failure: OutputError?
    let bad = LanguageInput(paths: inputs).forEach(diagnostics) { record in
      let ids = tokenizer.encode(record.sequence, addSpecialTokens: options.addsSpecialTokens)
      let words = options.printsTokens ? ids.map(tokenizer.token(of:)) : ids.map(String.init)
      do throws(OutputError) {
        try table.write(table.line([record.name, words.joined(separator: " ")]))
      } catch {
        failure = error
      }
      return failure == nil && !table.isClosed
    }
    if let failure { throw failure }
    return bad
  }

  /// Lines of ids, optionally after a name and a tab.
  private static func decode(
    _ inputs: [String], _ tokenizer: Tokenizer, _ table: TableOutput, _ diagnostics: Diagnostics
  ) throws -> Int {
    var failures = 0
    for input in inputs {
      var bytes: [UInt8] = []
      try InputFile.read(input) { bytes += $0 }
      for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
        let text = String(decoding: line, as: UTF8.self)
        let fields = text.split(separator: "\t", omittingEmptySubsequences: false)
        let words = fields.last?.split(whereSeparator: \.isWhitespace) ?? []
        if words.isEmpty { continue }
        let ids = words.compactMap { Int($0) }.filter(tokenizer.tokens.indices.contains)
        guard ids.count == words.count else {
          let wrong = words.first { Int($0).map(tokenizer.tokens.indices.contains) != true } ?? ""
          diagnostics.error(
            "\(InputFile.displayName(input)):\(number + 1): token id: found \"\(wrong)\", expected 0 to "
              + "\(tokenizer.tokens.count - 1)")
          failures += 1
          continue
        }
        try table.write(table.line((fields.count > 1 ? [String(fields[0])] : []) + [tokenizer.decode(ids)]))
      }
    }
    return failures
  }
}
