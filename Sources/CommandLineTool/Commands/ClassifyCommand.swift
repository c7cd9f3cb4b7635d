// `esmfold classify`: what a fine-tuned checkpoint says of sequences or of their residues.

import ESMFoldKit
import Platform

enum ClassifyCommand {
  static let command: Command = {
    var command = Command(
      ["classify"], "classify sequences or residues with a fine-tuned model", defaults: TableOptions(),
      table: TableOptions.table(TableOptions.classify), common: \.common
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
    ]
    command.completion = .file
    command.examples = [
      Example(line: "esmfold classify a.fasta --model ./my_finetuned_esm2", meaning: "a table on standard output")
    ]
    return command
  }()

  private static func run(
    _ options: TableOptions, _ files: [String], _ context: CommandContext
  ) throws(UsageError) -> Int32 {
    try (options.isJSON ? FileEnding.json : .table).check(options.output, TableOptions.output.description) { ending in
      ["csv", "tsv", "json"].contains(ending) ? "--format \(ending == "json" ? "json" : "tsv") writes that" : nil
    }
    return try TableRun.perform(
      options.language, output: options.output, files: files, needs: ESM.Wanted(classification: true), context
    ) { table in
      let summary = table.run.model.description
      let place = summary.hasTokenClassifier ? ["name", "position", "residue", "label"] : ["name", "label"]
      let header = options.isJSON ? "" : table.line(place + summary.labels)
      return table.writeEach(header: header, doing: "classified") { record, reading in
        guard let result = reading.classification else { return "" }
        return options.isJSON ? json(record, reading, result) : lines(record, reading, result, table)
      }
    }
  }

  /// The rows to report: one for the sequence, or those of its residues.
  private static func rows(_ reading: ESM.Reading, _ result: Classification) -> Range<Int> {
    result.isPerToken ? reading.residueRows : 0..<1
  }

  private static func lines(
    _ record: LanguageRecord, _ reading: ESM.Reading, _ result: Classification, _ table: TableRun
  ) -> String {
    let values = result.probabilities ?? result.logits
    return rows(reading, result).map { row in
      let residue = [
        "\(row - reading.residueRows.lowerBound + 1)",
        result.isPerToken ? table.run.model.tokenizer.token(of: reading.tokens[row]) : "",
      ]
      let labels = result.labels(ofRow: row)
      let label = result.problem == .regression ? nil : labels.joined(separator: ",")
      return table.line(
        [record.name] + (result.isPerToken ? residue : []) + [label]
          + values.row(row).map { fixed(Double($0), 6) })
    }.joined()
  }

  private static func json(_ record: LanguageRecord, _ reading: ESM.Reading, _ result: Classification) -> String {
    let rows = rows(reading, result)
    func numbers(_ matrix: Matrix) -> String {
      list(rows.map { row in "[" + matrix.row(row).map(jsonNumber).joined(separator: ", ") + "]" }, result)
    }
    let labels = rows.map { row -> String in
      let labels = result.labels(ofRow: row).map(jsonString)
      switch result.problem {
      case .regression: return "null"
      case .multiLabel: return "[" + labels.joined(separator: ", ") + "]"
      case .singleLabel: return labels.first ?? "null"
      }
    }
    return "{\"name\": \(jsonString(record.name)), \"logits\": \(numbers(result.logits)), \"probabilities\": "
      + "\(result.probabilities.map(numbers) ?? "null"), \"label\": \(list(labels, result))}\n"
  }

  /// A list of the residues' values, or the one value of the sequence.
  private static func list(_ values: [String], _ result: Classification) -> String {
    result.isPerToken ? "[" + values.joined(separator: ", ") + "]" : values.first ?? "null"
  }

  /// The shortest digits that read back as the same float32; JSON has no infinities.
  private static func jsonNumber(_ value: Float) -> String { value.isFinite ? "\(value)" : "null" }
}
