// Options of commands whose result is a table.

/// The choices of `contacts`, `fill` and `classify`, each of which uses some of them.
package struct TableOptions: Sendable {
  package var common = CommonOptions()
  package var language = LanguageOptions()
  /// The file for the result; nil for standard output.
  package var output: String?
  /// `contacts`: least probability, and least number of residues between two.
  package var probability = 0.5, separation = 6
  /// `contacts`: all probabilities as HDF5 in place of a table of pairs.
  package var isMatrix = false
  package var overwrites = false
  /// `fill`: how many residues are listed for a mask.
  package var top = 5
  /// `classify`: a JSON object for each record in place of a table.
  package var isJSON = false
  /// `classify`: a table of what is known of the records.
  package var labels: String?

  package init() {}

  static let output = Option<TableOptions>(
    OptionDescription(
      name: "output", short: "o", form: .value("FILE", completion: .file, default: "standard output"),
      group: "Input and output",
      help: "the file for the result, with commas if its name ends in .csv, else with tabs; - is standard output"),
    .value { (values: inout TableOptions, text: String) throws(InvalidValue) in
      guard !text.isEmpty else { throw InvalidValue("a file") }
      values.output = text
    })

  /// A table of a command's own options among the shared ones.
  static func table(
    _ own: [Option<TableOptions>], _ cluster: [Option<LanguageOptions>] = [],
    model: Option<LanguageOptions> = LanguageOptions.model
  ) -> OptionTable<TableOptions> {
    OptionTable<TableOptions>(
      [output, LanguageOptions.fasta.within(\.language)] + own
        + LanguageOptions.sequences().map { $0.within(\.language) }
        + ([model] + LanguageOptions.reading + cluster).map { $0.within(\.language) }
        + CommonOptions.table.map { $0.within(\.common) })
  }

  static let contacts: [Option<TableOptions>] = [
    Option(
      OptionDescription(
        name: "format", form: .value("FORMAT", completion: .choice(["tsv", "h5"]), default: "tsv"),
        group: "Input and output",
        help: "tsv: a line for each pair; h5: an HDF5 file with the dataset contacts [L, L] in a group for each "
          + "record"),
      .value { (values: inout TableOptions, text: String) throws(InvalidValue) in
        guard text == "tsv" || text == "h5" else { throw InvalidValue("tsv or h5") }
        values.isMatrix = text == "h5"
      }),
    Option(
      OptionDescription(
        name: "min-probability", form: .value("P", default: "0.5"), group: "Contents",
        help: "list pairs of at least this probability, 0 to 1"),
      .value { (values: inout TableOptions, text: String) throws(InvalidValue) in
        guard let number = Double(text), (0...1).contains(number) else { throw InvalidValue("a number from 0 to 1") }
        values.probability = number
      }),
    Option(
      OptionDescription(
        name: "min-separation", form: .value("N", default: "6"), group: "Contents",
        help: "list pairs of residues i and j with j - i of at least N"),
      .value { (values: inout TableOptions, text: String) throws(InvalidValue) in
        values.separation = try wholeNumber(text, atLeast: 1)
      }),
    Option(
      OptionDescription(
        name: "overwrite", form: .negatable(), group: "Input and output",
        help: "with --format h5: start over where a result exists; by default it is kept"),
      .flag { $0.overwrites = $1 }),
  ]

  static let fill: [Option<TableOptions>] = [
    Option(
      OptionDescription(
        name: "top", short: "k", form: .value("K", default: "5"), group: "Contents",
        help: "residues to list for each <mask>, the most likely first"),
      .value { (values: inout TableOptions, text: String) throws(InvalidValue) in
        values.top = try wholeNumber(text, atLeast: 1, atMost: 1000)
      })
  ]

  static let classify: [Option<TableOptions>] = [
    Option(
      OptionDescription(
        name: "format", form: .value("FORMAT", completion: .choice(["tsv", "json"]), default: "tsv"),
        group: "Input and output",
        help: "tsv, or json: an object for each record on a line of its own, with name, logits, probabilities and label"
      ),
      .value { (values: inout TableOptions, text: String) throws(InvalidValue) in
        guard text == "tsv" || text == "json" else { throw InvalidValue("tsv or json") }
        values.isJSON = text == "json"
      }),
    Option(
      OptionDescription(
        name: "labels", form: .value("FILE", completion: .file), group: "Input and output",
        help:
          "a table with the name of a record and its label on each line: print the loss and the usual measures; the "
          + "table of the records goes to -o FILE only"),
      .value { (values: inout TableOptions, text: String) throws(InvalidValue) in
        guard !text.isEmpty else { throw InvalidValue("a file") }
        values.labels = text
      }),
  ]
}
