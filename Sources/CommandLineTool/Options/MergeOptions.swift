// The options of `esmfold merge`.

import Protein

package struct MergeOptions: Sendable {
  package var common = CommonOptions()
  package var input = InputOptions()
  package var complex = ComplexOptions()
  /// The input of the run, which gives the order; none: the order of the names.
  package var fasta: [String] = []
  /// The file or folder; nil: in the folder that is given.
  package var output: String?
  package var overwrites = false
  /// Whether shards or results may lack.
  package var isPartial = false

  package init() {}

  /// The input of the run; nil if it is not given.
  func asked(_ naming: RecordSource.Naming, _ dialect: FASTADialect) -> AskedInput? {
    guard !fasta.isEmpty else { return nil }
    return AskedInput(paths: fasta, options: input, copies: complex.copies, naming: naming, dialect: dialect)
  }

  static let output = Option<MergeOptions>(
    OptionDescription(
      name: "output", short: "o", form: .value("FILE|DIR", completion: .file, default: "in the folder DIR"),
      group: "Input and output", help: "the file or folder for all results, which must not exist"),
    .value { (values: inout MergeOptions, text: String) throws(InvalidValue) in
      guard !text.isEmpty, text != "-" else { throw InvalidValue("a file or a folder") }
      values.output = text
    })

  package static let table = OptionTable<MergeOptions>(
    [
      output,
      Option(
        OptionDescription(
          name: "fasta", short: "i", form: .value("FILE", completion: .file), group: "Input and output",
          help: "the input of the run: results are written in its order, as a single run would; may be given several "
            + "times; without it they are in the order of their names"),
        .value { (values: inout MergeOptions, text: String) throws(InvalidValue) in
          guard !text.isEmpty else { throw InvalidValue("a file") }
          values.fasta.append(text)
        }),
      Option(
        OptionDescription(
          name: "partial", form: .negatable(), group: "Input and output",
          help: "merge what is there although shards or results are missing; by default that is an error"),
        .flag { $0.isPartial = $1 }),
      Option(
        OptionDescription(
          name: "overwrite", form: .negatable(), group: "Input and output",
          help: "replace an output file that exists"),
        .flag { $0.overwrites = $1 }),
    ] + (InputOptions.table() + [InputOptions.nonstandard]).map { $0.within(\.input) }
      + [ComplexOptions.copies.within(\.complex)] + CommonOptions.table.map { $0.within(\.common) })
}
