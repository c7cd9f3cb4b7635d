// The options of `esmfold embed`.

package import ESMFoldKit

/// The choices of one run of `embed`.
package struct EmbedOptions: Sendable {
  /// What is made of the residues' vectors.
  package enum Pool: String, Sendable, CaseIterable {
    case none, mean, cls, max
  }

  /// What else to store of a record.
  package enum Extra: String, Sendable, CaseIterable {
    case contacts, logits, attentions
  }

  /// How results are stored.
  package enum Format: String, Sendable, CaseIterable {
    case h5, npy, csv, tsv
  }

  /// The requested states.
  package enum Layers: Sendable, Equatable {
    case last, all
    /// Numbers as they were written, negative ones counted from the end.
    case list([Int])
  }

  package var common = CommonOptions()
  package var language = LanguageOptions()
  package var output: String?
  package var layers = Layers.last
  package var pool = Pool.none
  package var elementType = ResultArray.ElementType.float32
  package var extras: Set<Extra> = []
  package var format = Format.h5
  /// Whether each record is a dataset at the root of the file, in place of a group.
  package var isFlat = false
  package var overwrites = false

  package init() {}

  static let output = OptionDescription(
    name: "output", short: "o", form: .value("FILE.h5", completion: .file), group: "Input and output",
    help: "the HDF5 file for the results; with --format npy the folder, with csv or tsv the table")

  package static let table = OptionTable<EmbedOptions>(
    inputAndOutput + LanguageOptions.sequences().map { $0.within(\.language) } + contents
      + LanguageOptions.computation.map { $0.within(\.language) }
      + LanguageOptions.cluster.map { $0.within(\.language) }
      + CommonOptions.table.map { $0.within(\.common) })

  private static let inputAndOutput: [Option<EmbedOptions>] = [
    Option(
      output,
      .value { (values: inout EmbedOptions, text: String) throws(InvalidValue) in
        guard !text.isEmpty else { throw InvalidValue("a file") }
        values.output = text
      }),
    LanguageOptions.fasta.within(\.language),
    Option(
      OptionDescription(
        name: "format", form: .value("FORMAT", completion: .choice(Format.allCases.map(\.rawValue)), default: "h5"),
        group: "Input and output",
        help: "h5: one HDF5 file with a group for each record; npy: a folder with a NumPy file for each record and "
          + "index.tsv; csv, tsv: with --pool a table, a line for each record and a column for each number"),
      .value { (values: inout EmbedOptions, text: String) throws(InvalidValue) in
        guard let format = Format(rawValue: text) else { throw InvalidValue("h5, npy, csv or tsv") }
        values.format = format
      }),
    Option(
      OptionDescription(
        name: "flat", group: "Input and output",
        help:
          "with --format h5: a dataset for each record at the root of the file, [L, C] or with --pool [C], as ProtTrans, "
          + "bio_embeddings and protspace read it; for one layer and nothing else"),
      .flag { values, _ in values.isFlat = true }),
    Option(
      OptionDescription(
        name: "overwrite", form: .negatable(), group: "Input and output",
        help: "start over where results exist; by default complete results are kept and an interrupted run continues"),
      .flag { $0.overwrites = $1 }),
  ]

  private static let contents: [Option<EmbedOptions>] = [
    Option(
      OptionDescription(
        name: "layers", aliases: ["repr-layers"],
        form: .value("LIST", completion: .choice(["last", "all"]), default: "last"), group: "Contents",
        help:
          "the states to keep: last, all, or numbers separated by commas; 0 is the embedding, i the output of layer i, "
          + "and -1 the last, which has passed the final norm"),
      .value { (values: inout EmbedOptions, text: String) throws(InvalidValue) in
        values.layers = try layers(text)
      }),
    Option(
      OptionDescription(
        name: "pool", form: .value("HOW", completion: .choice(Pool.allCases.map(\.rawValue)), default: "none"),
        group: "Contents",
        help:
          "one vector for each residue (none), or one for the record: the mean or the largest values (max) over its "
          + "residues, or the vector of the token <cls> before them"),
      .value { (values: inout EmbedOptions, text: String) throws(InvalidValue) in
        guard let pool = Pool(rawValue: text) else { throw InvalidValue("none, mean, cls or max") }
        values.pool = pool
      }),
    Option(
      OptionDescription(
        name: "dtype",
        form: .value("TYPE", completion: .choice(ResultArray.ElementType.allCases.map(\.rawValue)), default: "float32"),
        group: "Contents", help: "how numbers are stored; float16 takes half the space"),
      .value { (values: inout EmbedOptions, text: String) throws(InvalidValue) in
        guard let type = ResultArray.ElementType(rawValue: text) else { throw InvalidValue("float32 or float16") }
        values.elementType = type
      }),
    Option(
      OptionDescription(
        name: "include", form: .value("LIST", completion: .choice(Extra.allCases.map(\.rawValue))), group: "Contents",
        help: "what else to store, separated by commas: contacts [L, L], logits [L, vocabulary], attentions [layers, "
          + "heads, L+2, L+2]"),
      .value { (values: inout EmbedOptions, text: String) throws(InvalidValue) in
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
          guard let extra = Extra(rawValue: String(word)) else {
            throw InvalidValue("contacts, logits and attentions, separated by commas")
          }
          values.extras.insert(extra)
        }
      }),
  ]

  private static func layers(_ text: String) throws(InvalidValue) -> Layers {
    if text == "last" { return .last }
    if text == "all" { return .all }
    var list: [Int] = []
    for word in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
      guard let number = Int(word), number.magnitude < 1 << 16 else {
        throw InvalidValue("last, all, or whole numbers separated by commas")
      }
      list.append(number)
    }
    guard !list.isEmpty else { throw InvalidValue("last, all, or whole numbers separated by commas") }
    return .list(list)
  }
}
