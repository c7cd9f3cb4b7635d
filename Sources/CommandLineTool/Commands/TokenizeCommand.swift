// `esmfold tokenize`: sequences as the ids that a language model reads, and back.

import ESMFoldKit
import Glibc
import Platform

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
    if options.decodes, options.printsTokens {
      throw .conflict("--decode reads ids: found --tokens, expected one of them")
    }
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
    let input = LanguageInput(paths: inputs, options: options.language.input)
    let bad = input.forEach(diagnostics, while: table.waitForInput) { record in
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

  /// Lines of ids, optionally after a name and a tab, each as soon as it is read.
  private static func decode(
    _ inputs: [String], _ tokenizer: Tokenizer, _ table: TableOutput, _ diagnostics: Diagnostics
  ) throws -> Int {
    var failures = 0
    for input in inputs {
      var line: [UInt8] = [], number = 0
      var failure: OutputError?
      func takeLine() {
        number += 1
        do throws(OutputError) {
          let place = "\(InputFile.displayName(input)):\(number)"
          if try !decode(String(decoding: line, as: UTF8.self), tokenizer, table, place, diagnostics) { failures += 1 }
        } catch {
          failure = error
        }
        line = []
      }
      let isWhole = try InputFile.read(input) {
        failure == nil && table.waitForInput($0)
      } _: { piece in
        var rest = UnsafeRawBufferPointer(rebasing: piece[...])
        while failure == nil, let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
          line += rest[..<end]
          takeLine()
          rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
        line += rest
      }
      if isWhole, failure == nil, !line.isEmpty { takeLine() }
      if let failure { throw failure }
      if !isWhole { break }
    }
    return failures
  }

  /// Writes the tokens of one line; whether it was one of ids.
  private static func decode(
    _ text: String, _ tokenizer: Tokenizer, _ table: TableOutput, _ place: String, _ diagnostics: Diagnostics
  ) throws(OutputError) -> Bool {
    var fields = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    if fields.count == 1, let row = DelimitedText.rows(Array(text.utf8)[...], UInt8(ascii: ",")).rows.first,
      row.fields.count == 2
    {
      fields = row.fields
    }
    let words = fields.last?.split(whereSeparator: \.isWhitespace) ?? []
    if words.isEmpty { return true }
    let ids = words.compactMap { Int($0) }.filter(tokenizer.tokens.indices.contains)
    guard ids.count == words.count else {
      let wrong = words.first { Int($0).map(tokenizer.tokens.indices.contains) != true } ?? ""
      diagnostics.error(
        "\(place): token id: found \(quoted(String(wrong))), expected 0 to \(tokenizer.tokens.count - 1)")
      return false
    }
    try table.write(table.line((fields.count > 1 ? [fields[0]] : []) + [tokenizer.decode(ids)]))
    return true
  }
}
