// The options of `esmfold status`.

import Protein

package struct StatusOptions: Sendable {
  package var common = CommonOptions()
  package var input = InputOptions()
  package var complex = ComplexOptions()
  /// The input of the run.
  package var fasta: [String] = []
  /// Whether FASTA of what is not finished is printed in place of a report.
  package var listsMissing = false
  package var isJSON = false
  /// Whether the head of each file is read.
  package var verifies = false
  /// Kinds of files that a finished fold must have; none: a structure in any format.
  var required: [FoldFile] = []

  package init() {}

  static let fasta = Option<StatusOptions>(
    OptionDescription(
      name: "fasta", short: "i", form: .value("FILE", completion: .file), group: "Input and output",
      help: "the input of the run, in its order; may be given several times; - is standard input"),
    .value { (values: inout StatusOptions, text: String) throws(InvalidValue) in
      guard !text.isEmpty else { throw InvalidValue("a file") }
      values.fasta.append(text)
    })

  /// Names for kinds of files, as the options of `fold` have them.
  private static let kinds: [(name: String, kind: FoldFile)] = [
    ("pdb", .pdb), ("cif", .cif), ("pae", .alignedErrors), ("scores", .scores), ("plddt", .plddt),
    ("tensors", .tensors),
  ]

  private static let output: [Option<StatusOptions>] = [
    Option(
      OptionDescription(
        name: "missing", form: .negatable(), group: "Input and output",
        help: "print FASTA of all records that are not finished, with the letters that would be read, and nothing else"),
      .flag { $0.listsMissing = $1 }),
    Option(
      OptionDescription(
        name: "format", form: .value("FORMAT", completion: .choice(["text", "json"]), default: "text"),
        group: "Input and output", help: "the report as text, or as json: one object"),
      .value { (values: inout StatusOptions, text: String) throws(InvalidValue) in
        guard text == "text" || text == "json" else { throw InvalidValue("text or json") }
        values.isJSON = text == "json"
      }),
    Option(
      OptionDescription(
        name: "verify", form: .negatable(), group: "Checks",
        help:
          "read the head and the end of each structure and compare its sequence; by default that is done where the summary "
          + "does not have the record with its header and length"),
      .flag { $0.verifies = $1 }),
    Option(
      OptionDescription(
        name: "require", form: .value("LIST", default: "a structure in any format"), group: "Checks",
        help: "the files that a finished protein has, with commas between them: "
          + kinds.map(\.name).joined(separator: ", ")),
      .value { (values: inout StatusOptions, text: String) throws(InvalidValue) in
        values.required = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
          guard let kind = kinds.first(where: { $0.name == name })?.kind, !values.required.contains(kind) else {
            throw InvalidValue(
              kinds.map(\.name).joined(separator: ", ") + ", each once, with commas between them")
          }
          values.required.append(kind)
        }
      }),
  ]

  package static let table = OptionTable<StatusOptions>(
    [fasta] + output + (InputOptions.table() + [InputOptions.nonstandard]).map { $0.within(\.input) }
      + [ComplexOptions.copies.within(\.complex)] + CommonOptions.table.map { $0.within(\.common) })
}
