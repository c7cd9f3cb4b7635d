// `esmfold classify`: what a fine-tuned checkpoint says of sequences or of their residues.

import ESMFoldKit

enum ClassifyCommand {
  static let command: Command = {
    var command = Command(
      ["classify"], "classify sequences or residues with a fine-tuned model", defaults: TableOptions(),
      table: TableOptions.table(TableOptions.classify, LanguageOptions.shard, model: LanguageOptions.classifier),
      common: \.common
    ) { (options, files, context) throws(UsageError) in
      try run(options, files, context)
    }
    command.arguments = "[FASTA...] --model MODEL"
    command.details = [
      "The model is a checkpoint with a classifier (EsmForSequenceClassification or EsmForTokenClassification). For "
        + "a classifier of sequences the table has a line for each record: name, label, and a column for each label "
        + "with its probability (of a regression: the number itself). For one of residues it has a line for each "
        + "residue: name, position, residue, label and the probabilities.",
      "With --format json each record is an object on a line: name, logits, probabilities (null for a regression) "
        + "and label; for residues each of these is a list. Several labels may hold at once where the model was "
        + "trained so; label is then a list.",
      "With --labels FILE the outputs are compared with what is known. Standard output gets the loss that training would "
        + "have and, of labels, accuracy, macro F1, Matthews correlation and AUROC, of a regression mean squared error, "
        + "Pearson and Spearman correlation. The records go to -o FILE, with a column expected. "
        + "`esmfold help language-models` says what a file of labels may look like.",
    ]
    command.completion = .file
    command.examples = [
      Example(line: "esmfold classify a.fasta --model ./my_finetuned_esm2", meaning: "a table on standard output"),
      Example(
        line: "esmfold classify test.fasta -m ./my_esm2 --labels test.tsv -o out.tsv",
        meaning: "loss and measures on standard output, the records in a file"),
    ]
    return command
  }()

  private static func run(
    _ options: TableOptions, _ files: [String], _ context: CommandContext
  ) throws(UsageError) -> Int32 {
    guard options.language.model.model != nil else { throw .missingOption(LanguageOptions.classifier.description) }
    try (options.isJSON ? FileEnding.json : .table).check(options.output, TableOptions.output.description) { ending in
      switch ending {
      case "csv", "tsv": "--format tsv writes that"
      case "json", "jsonl": "--format json writes that"
      default: nil
      }
    }
    if options.labels != nil, options.output == "-" {
      throw .conflict("--labels: found -o -, expected -o FILE: standard output has the loss and the measures")
    }
    if options.labels == "-", try options.language.inputs(files, context).contains("-") {
      throw .conflict("--labels: found -, expected a file: the sequences are read from standard input")
    }
    if options.labels != nil, let shard = options.language.cluster.shard {
      throw .conflict(
        "--labels: found --shard \(shard.words), expected none: loss and measures are those of all records")
    }
    let form = TableRun.Form(inputs: options.labels.map { [$0] } ?? [])
    return try TableRun.perform(
      options.language, output: (options.output, form), files: files, needs: ESM.Wanted(classification: true), context
    ) { table in
      guard let path = options.labels else {
        return table.writeEach(header: header(options, table), doing: "classified") { record, reading in
          guard let result = reading.classification else { return "" }
          let text = ClassText(record: record, reading: reading, result: result)
          return options.isJSON ? text.json : text.lines(table)
        }
      }
      guard let known = KnownLabels(path, table.run.model.description, context.diagnostics) else {
        return ExitStatus.failed
      }
      return compare(known, options, table)
    }
  }

  private static func header(_ options: TableOptions, _ table: TableRun) -> String {
    guard !options.isJSON else { return "" }
    let summary = table.run.model.description
    let place = summary.hasTokenClassifier ? ["name", "position", "residue", "label"] : ["name", "label"]
    return table.line(place + summary.labels + (options.labels == nil ? [] : ["expected"]))
  }

  /// Classifies, compares with what is known, and prints loss and measures after the last record.
  private static func compare(_ known: KnownLabels, _ options: TableOptions, _ table: TableRun) -> Int32 {
    var known = known
    let writes = options.output != nil
    let status = table.writeEach(
      header: writes ? header(options, table) : "", doing: "classified", meets: { known.meet($0) }
    ) { record, reading in
      guard let result = reading.classification?.interpreted(as: known.problem) else { return "" }
      let target = try known.compare(record, reading, result)
      guard writes else { return "" }
      let text = ClassText(record: record, reading: reading, result: result, known: ClassText.Known(target: target))
      return options.isJSON ? text.json : text.lines(table)
    }
    let hasLabels = known.report(asJSON: options.isJSON, table.run.context.diagnostics)
    return hasLabels ? status : ExitStatus.failed
  }
}
