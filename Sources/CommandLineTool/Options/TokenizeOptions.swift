// Options of `esmfold tokenize`.

import Glibc
import Protein

/// The choices of one run of `tokenize`.
package struct TokenizeOptions: Sendable {
  package var common = CommonOptions()
  package var language = LanguageOptions()
  package var output: String?
  package var addsSpecialTokens = true
  /// Whether tokens are printed in place of ids.
  package var printsTokens = false
  /// Whether the input is ids, to be turned into tokens.
  package var decodes = false
  /// Where the vocabulary is written.
  package var vocabulary: String?

  package init() { language.input = InputOptions(gaps: .keep) }

  package static let table = OptionTable<TokenizeOptions>(
    own + LanguageOptions.sequences(gaps: .keep).map { $0.within(\.language) }
      + [LanguageOptions.fasta.within(\.language), LanguageOptions.modelOfTokenizer.within(\.language)]
      + CommonOptions.table.map { $0.within(\.common) })

  private static let own: [Option<TokenizeOptions>] = [
    Option(
      TableOptions.output.description,
      .value { (values: inout TokenizeOptions, text: String) throws(InvalidValue) in
        guard !text.isEmpty else { throw InvalidValue("a file") }
        values.output = text
      }),
    Option(
      OptionDescription(
        name: "special-tokens", form: .negatable(default: "yes"), group: "Contents",
        help: "put <cls> before and <eos> after the sequence"),
      .flag { $0.addsSpecialTokens = $1 }),
    Option(
      OptionDescription(name: "tokens", group: "Contents", help: "print tokens, not their ids"),
      .flag { $0.printsTokens = $1 }),
    Option(
      OptionDescription(
        name: "decode", group: "Contents",
        help: "the reverse: the input is a table with ids in its last column, as this command writes it"),
      .flag { $0.decodes = $1 }),
    Option(
      OptionDescription(
        name: "save-vocabulary", form: .value("FILE", completion: .file), group: "Input and output",
        help: "write the tokens in the order of their ids, one to a line, as transformers' vocab.txt"),
      .value { (values: inout TokenizeOptions, text: String) throws(InvalidValue) in
        guard !text.isEmpty else { throw InvalidValue("a file") }
        values.vocabulary = text
      }),
  ]
}
