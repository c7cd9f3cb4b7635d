// `esmfold fill`: the most likely residues at each `<mask>`.

import ESMFoldKit
import Platform

enum FillCommand {
  static let command: Command = {
    var command = Command(
      ["fill"], "predict the residues at <mask>", defaults: TableOptions(),
      table: TableOptions.table(TableOptions.fill), common: \.common
    ) { (options, files, context) throws(UsageError) in
      try run(options, files, context)
    }
    command.arguments = "[FASTA...]"
    command.details = [
      "Sequences have <mask> in place of the residues that are asked for, as in MKT<mask>YIAK. The table has the columns name, "
        + "position (from 1), rank, residue and probability. Probabilities are over the whole vocabulary; only residues are "
        + "listed, so they add up to a little less than 1."
    ]
    command.completion = .file
    command.examples = [
      Example(line: "echo 'MKT<mask>YIAKQR' | esmfold fill -k 3", meaning: "the three most likely residues")
    ]
    return command
  }()

  private static func run(
    _ options: TableOptions, _ files: [String], _ context: CommandContext
  ) throws(UsageError) -> Int32 {
    try FileEnding.table.check(options.output, TableOptions.output.description)
    return try TableRun.perform(
      options.language, output: options.output, files: files, needs: ESM.Wanted(logits: true), context
    ) { table in
      let model = table.run.model
      let header = table.line(["name", "position", "rank", "residue", "probability"])
      return table.writeEach(header: header, doing: "filled") { record, reading in
        if !reading.tokens.contains(model.tokenizer.mask) {
          context.diagnostics.warning("\(record.place): found no <mask>, so there is nothing to fill")
        }
        return lines(record, model.fill(reading, top: options.top), table)
      }
    }
  }

  private static func lines(_ record: LanguageRecord, _ fillings: [ESM.Filling], _ table: TableRun) -> String {
    fillings.map { filling in
      filling.residues.enumerated().map { rank, residue in
        table.line([
          record.name, "\(filling.position + 1)", "\(rank + 1)", residue.token, fixed(Double(residue.probability), 6),
        ])
      }.joined()
    }.joined()
  }
}
