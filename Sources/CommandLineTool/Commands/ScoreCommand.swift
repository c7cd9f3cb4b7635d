// `esmfold score`: how likely a masked-language model finds sequences, residues and variants.

import ESMFoldKit

enum ScoreCommand {
  static let command: Command = {
    var command = Command(
      ["score"], "score sequences, residues and variants", defaults: ScoreOptions(), table: ScoreOptions.options,
      common: \.common
    ) { (options, files, context) throws(UsageError) in
      try run(options, files, context)
    }
    command.arguments = "[FASTA...]"
    command.details = [
      "Without further options each record gets a line with its length, the mean log-likelihood of its residues and the "
        + "(pseudo-)perplexity, exp of minus that mean. Logarithms are natural; probabilities are over the whole vocabulary.",
      "Variants are scored against the one sequence of the input: log p(mutant) - log p(wild type), summed over the "
        + "substitutions. Above 0 the model prefers the variant.",
    ]
    command.completion = .file
    command.examples = [
      Example(line: "esmfold score proteins.fasta", meaning: "pseudo-perplexities"),
      Example(line: "esmfold score wt.fasta --variant A24G,A24G:K30R", meaning: "two variants"),
      Example(
        line: "esmfold score wt.fasta --variants dms.csv --column mutant -o out.tsv",
        meaning: "a deep mutational scan"),
      Example(line: "esmfold score wt.fasta --all -o scan.h5", meaning: "every substitution, as HDF5"),
    ]
    return command
  }()

  private static func run(
    _ options: ScoreOptions, _ files: [String], _ context: CommandContext
  ) throws(UsageError) -> Int32 {
    let hasVariants = !options.variants.isEmpty || options.table != nil
    if options.method == .pseudoLikelihood, !hasVariants {
      throw .conflict("--method pseudo-ll scores variants: found none, expected --variant or --variants")
    }
    if (hasVariants ? 1 : 0) + (options.isAll ? 1 : 0) + (options.isPerResidue ? 1 : 0) > 1 {
      throw .conflict("found more than one of --variant(s), --all and --per-residue, expected one")
    }
    if options.isAll, let path = options.output, path.hasSuffix(".h5") || path.hasSuffix(".hdf5") {
      return try SubstitutionScan.run(options, path: path, files, context)
    }
    guard
      let table = try TableRun.prepare(
        options.language, output: options.output, files: files, needs: ESM.Wanted(logits: true), context)
    else { return ExitStatus.failed }
    do {
      let scoring = SequenceScoring(table: table, options: options)
      return hasVariants ? try VariantScoring(scoring, context).run() : try scoring.run()
    } catch {
      context.diagnostics.error("\(error)")
      return ExitStatus.failed
    }
  }
}

/// Scores of whole sequences, of their residues, or of all their substitutions, as a table.
struct SequenceScoring {
  let table: TableRun
  let options: ScoreOptions

  private var model: ESM { table.run.model }

  var marginals: ESM.Marginals { options.method == .wildTypeMarginals ? .wildType : .masked }

  /// Scores every record of the input.
  func run() throws -> Int32 {
    try table.table.write(header)
    var counts: LanguageRun.Counts
    if marginals == .wildType {
      counts = table.run.readEach(
        ESM.Wanted(logits: true), skips: { _ in table.table.isClosed ? nil : false }
      ) { record, reading in
        if let rows = model.logProbabilities(of: reading) {
          try table.table.write(text(record, reading.tokens, rows))
        }
      }
    } else {
      counts = table.run.forEach { record, tokens in
        guard !table.table.isClosed else { return false }
        let rows = try model.logProbabilities(of: tokens, .masked, windows: options.language.usesWindows) {
          table.run.context.diagnostics.progress($0, record.name)
        }
        try table.table.write(text(record, tokens, rows))
        return true
      }
    }
    if table.table.isClosed { counts.failed = 0 }
    if !counts.isCut { try table.table.finish() }
    return table.run.finish(counts, doing: "scored")
  }

  private var header: String {
    if options.isAll {
      return TableText.line(["name", "position", "residue"] + SubstitutionScan.residues.map(String.init))
    }
    return TableText.line(
      options.isPerResidue
        ? ["name", "position", "residue", "log_likelihood"]
        : ["name", "length", "method", "log_likelihood", "perplexity"])
  }

  /// The lines of a record; `rows` are the log-probabilities of its residues, `tokens` have `<cls>` and `<eos>` around them.
  private func text(_ record: LanguageRecord, _ tokens: [Int], _ rows: Matrix) -> String {
    let residues = Array(tokens.dropFirst().prefix(rows.rows))
    let values = residues.enumerated().map { Double(rows[$0, $1]) }
    if options.isAll {
      let scores = SubstitutionScan.scores(residues, rows, model.tokenizer)
      return residues.indices.map { row in
        TableText.line(
          [record.name, "\(row + 1)", model.tokenizer.token(of: residues[row])]
            + scores.row(row).map { $0.isNaN ? nil : fixed(Double($0), 5) })
      }.joined()
    }
    if options.isPerResidue {
      return residues.indices.map { row in
        TableText.line([record.name, "\(row + 1)", model.tokenizer.token(of: residues[row]), fixed(values[row], 5)])
      }.joined()
    }
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    return TableText.line([
      record.name, "\(residues.count)", options.method.rawValue, fixed(mean, 5), fixed(ESM.perplexity(mean), 4),
    ])
  }
}
