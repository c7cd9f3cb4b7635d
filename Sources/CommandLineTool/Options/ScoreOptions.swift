// The options of `esmfold score`.

package import ESMFoldKit

/// The choices of one run of `score`.
package struct ScoreOptions: Sendable {
  package var common = CommonOptions()
  package var language = LanguageOptions()
  package var output: String?
  package var method = ESM.VariantScore.maskedMarginals
  /// Variants named on the command line, and the table with others and its column.
  package var variants: [String] = []
  package var table: String?
  package var column: String?
  /// The number of the sequence's first residue.
  package var offset = 1
  /// Limits far beyond any protein, and far from overflow.
  static let offsets = -1_000_000_000...1_000_000_000
  /// Whether each residue gets a line, and whether every substitution is scored.
  package var isPerResidue = false, isAll = false
  package var overwrites = false

  package init() {}

  /// What a record costs: masked marginals take a pass for each of its residues.
  var cost: RecordCost { method == .wildTypeMarginals ? .reading : .maskedScoring }

  package static let options = OptionTable<ScoreOptions>(
    inputAndOutput + LanguageOptions.sequences().map { $0.within(\.language) } + contents
      + LanguageOptions.computation.map { $0.within(\.language) }
      + LanguageOptions.cluster.map { $0.within(\.language) }
      + CommonOptions.table.map { $0.within(\.common) })

  private static let inputAndOutput: [Option<ScoreOptions>] = [
    Option(
      TableOptions.output.description,
      .value { (values: inout ScoreOptions, text: String) throws(InvalidValue) in
        guard !text.isEmpty else { throw InvalidValue("a file") }
        values.output = text
      }),
    LanguageOptions.fasta.within(\.language),
    Option(
      OptionDescription(
        name: "overwrite", form: .negatable(), group: "Input and output",
        help: "with --all and -o FILE.h5: start over where a result exists; by default it is kept"),
      .flag { $0.overwrites = $1 }),
  ]

  private static let contents: [Option<ScoreOptions>] = [
    Option(
      OptionDescription(
        name: "method", aliases: ["scoring-strategy"],
        form: .value(
          "HOW", completion: .choice(ESM.VariantScore.allCases.map(\.rawValue)), default: "masked-marginals"),
        group: "Scores",
        help: "masked-marginals: a pass for each position, in which it is masked; wt-marginals: one pass over the "
          + "sequence as it is; pseudo-ll, for variants: the difference of two pseudo-log-likelihoods, a pass for "
          + "every residue of each"),
      .value { (values: inout ScoreOptions, text: String) throws(InvalidValue) in
        guard let method = ESM.VariantScore(rawValue: text) else {
          throw InvalidValue(ESM.VariantScore.allCases.map(\.rawValue).joined(separator: ", "))
        }
        values.method = method
      }),
    Option(
      OptionDescription(
        name: "variant", form: .value("LIST"), group: "Scores",
        help:
          "variants of the one sequence, separated by commas: A24G, p.Ala24Gly, p.Lys23_Val25del, p.Lys2_Met3insGln, "
          + "p.Val7dup, p.Cys28delinsTrpVal, several changes at once A24G:K30R; may be given several times"),
      .value { (values: inout ScoreOptions, text: String) throws(InvalidValue) in
        let words = text.split(separator: ",", omittingEmptySubsequences: true).map(String.init)
        guard !words.isEmpty else { throw InvalidValue("variants such as A24G") }
        values.variants += words
      }),
    Option(
      OptionDescription(
        name: "variants", aliases: ["dms-input"], form: .value("FILE", completion: .file), group: "Scores",
        help:
          "a table of variants, CSV or TSV with a line of column names; its columns are kept and score (where it has "
          + "one already, esm_score) is added; with -o FILE.csv the result has commas"),
      .value { (values: inout ScoreOptions, text: String) throws(InvalidValue) in
        guard !text.isEmpty else { throw InvalidValue("a file") }
        values.table = text
      }),
    Option(
      OptionDescription(
        name: "column", aliases: ["mutation-col"],
        form: .value("NAME", default: "mutant, variant, mutation, hgvs_pro or hgvsp"),
        group: "Scores", help: "the column of the table that has the variants"),
      .value { (values: inout ScoreOptions, text: String) throws(InvalidValue) in values.column = text }),
    Option(
      OptionDescription(
        name: "offset", aliases: ["offset-idx"], form: .value("N", default: "1"), group: "Scores",
        help: "the number that variants give the sequence's first residue"),
      .value { (values: inout ScoreOptions, text: String) throws(InvalidValue) in
        guard let number = Int(text), offsets.contains(number) else {
          throw InvalidValue("a whole number from \(offsets.lowerBound) to \(offsets.upperBound)")
        }
        values.offset = number
      }),
    Option(
      OptionDescription(name: "per-residue", group: "Scores", help: "a line for each residue with its log-likelihood"),
      .flag { values, _ in values.isPerResidue = true }),
    Option(
      OptionDescription(
        name: "all", group: "Scores",
        help: "score every substitution: L x 20 log-odds against the sequence, as a table or with -o FILE.h5 as HDF5"),
      .flag { values, _ in values.isAll = true }),
  ]
}
