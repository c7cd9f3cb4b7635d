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
      "Variants are written as A24G or as in HGVS, p.Ala24Gly: substitutions, p.Ala24=, deletions, insertions, "
        + "duplications and delins, several at once as A24G:K30R or p.[Ala24Gly;Lys30Arg]. One that is not made of "
        + "substitutions gets the pseudo-log-likelihood of its whole sequence minus that of the wild type. Stops, "
        + "frameshifts and extensions have no score.",
    ]
    command.completion = .file
    command.examples = [
      Example(line: "esmfold score proteins.fasta", meaning: "pseudo-perplexities"),
      Example(line: "esmfold score wt.fasta --variant A24G,A24G:K30R", meaning: "two variants"),
      Example(line: "esmfold score wt.fasta --variant 'p.Lys23_Val25del'", meaning: "a deletion"),
      Example(
        line: "esmfold score wt.fasta --variants dms.csv --column mutant -o out.csv",
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
    if options.offset != 1, !hasVariants {
      throw .conflict("--offset numbers variants: found none, expected --variant or --variants")
    }
    if options.column != nil, options.table == nil {
      throw .conflict("--column is one of a table: found none, expected --variants")
    }
    if (hasVariants ? 1 : 0) + (options.isAll ? 1 : 0) + (options.isPerResidue ? 1 : 0) > 1 {
      throw .conflict("found more than one of --variant(s), --all and --per-residue, expected one")
    }
    if hasVariants, let shard = options.language.cluster.shard {
      throw .conflict(
        "--shard \(shard.words): found variants, which are of one sequence, expected records to divide")
    }
    if options.isAll, let path = options.output, path.hasSuffix(".h5") || path.hasSuffix(".hdf5") {
      return try SubstitutionScan.run(options, path: options.language.cluster.path(of: path), files, context)
    }
    try FileEnding.table.check(options.output, TableOptions.output.description) { ending in
      ending == "h5" || ending == "hdf5"
        ? "--all writes an HDF5 file of that name, with the scores of all substitutions" : nil
    }
    return try TableRun.perform(
      options.language,
      output: (options.output, TableRun.Form(cost: options.cost, inputs: options.table.map { [$0] } ?? [])),
      files: files, needs: ESM.Wanted(logits: true), context
    ) { table in
      let scoring = SequenceScoring(table: table, options: options)
      return hasVariants ? try VariantScoring(scoring, context).run() : try scoring.run()
    }
  }
}
