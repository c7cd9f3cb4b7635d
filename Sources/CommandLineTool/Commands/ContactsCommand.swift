// `esmfold contacts`: pairs of residues that are probably in contact, from the attention maps of a language model.

import ESMFoldKit
import Platform

enum ContactsCommand {
  static let command: Command = {
    var command = Command(
      ["contacts"], "predict contacts between residues", defaults: TableOptions(),
      table: TableOptions.table(TableOptions.contacts, LanguageOptions.cluster), common: \.common
    ) { (options, files, context) throws(UsageError) in
      try run(options, files, context)
    }
    command.arguments = "[FASTA...]"
    command.details = [
      "The table has the columns name, i, j (from 1, i < j), residue_i, residue_j and probability. A contact is a pair of "
        + "residues with C-beta atoms within 8 angstrom; probabilities come from a regression on attention maps."
    ]
    command.completion = .file
    command.examples = [
      Example(line: "esmfold contacts a.fasta > contacts.tsv", meaning: "pairs with a probability of at least 0.5"),
      Example(line: "esmfold contacts a.fasta --format h5 -o contacts.h5", meaning: "all probabilities"),
    ]
    return command
  }()

  private static func run(
    _ options: TableOptions, _ files: [String], _ context: CommandContext
  ) throws(UsageError) -> Int32 {
    try (options.isMatrix ? FileEnding.hdf5 : .table).check(options.output, Self.matrixOutput) { ending in
      switch ending {
      case "h5", "hdf5": "--format h5 writes an HDF5 file, with all probabilities"
      case "csv", "tsv": "--format tsv writes a table, with the pairs that are probably in contact"
      default: nil
      }
    }
    if options.isMatrix {
      let defaults = TableOptions()
      guard options.probability == defaults.probability, options.separation == defaults.separation else {
        throw .conflict("--format h5 has all pairs: found --min-probability or --min-separation, expected --format tsv")
      }
      var embed = EmbedOptions()
      (embed.language, embed.output, embed.layers, embed.extras, embed.overwrites) = (
        options.language, options.output, .list([]), [.contacts], options.overwrites
      )
      return try EmbedCommand.run(embed, files, context, output: matrixOutput, doing: "predicted")
    }
    return try TableRun.perform(
      options.language, output: options.output, files: files, needs: ESM.Wanted(contacts: true), context
    ) { table in
      let header = table.line(["name", "i", "j", "residue_i", "residue_j", "probability"])
      return table.writeEach(header: header, doing: "predicted") { record, reading in
        lines(record, reading, table, options)
      }
    }
  }

  /// `--output` as it is with `--format h5`.
  private static let matrixOutput = OptionDescription(
    name: "output", short: "o", form: .value("FILE.h5"), group: "Input and output",
    help: "with --format h5: the file for the probabilities")

  private static func lines(
    _ record: LanguageRecord, _ reading: ESM.Reading, _ table: TableRun, _ options: TableOptions
  ) -> String {
    guard let contacts = reading.contacts else { return "" }
    let letters = reading.tokens[reading.residueRows].map(table.run.model.tokenizer.token(of:))
    let least = Float(options.probability)
    var text = ""
    for i in 0..<contacts.rows {
      for j in stride(from: i + options.separation, to: contacts.rows, by: 1) where contacts[i, j] >= least {
        text += table.line([
          record.name, "\(i + 1)", "\(j + 1)", letters[i], letters[j], fixed(Double(contacts[i, j]), 4),
        ])
      }
    }
    return text
  }
}
