// The format in which `weights list`, `show` and `verify` answer.

import ESMFoldKit

/// How tables of the cache are printed.
enum CatalogFormat: String, CaseIterable, Sendable {
  /// Aligned columns, for people.
  case text
  /// Tab-separated values, for programs: sizes in bytes, `NA` for what is not known.
  case tsv

  /// The option of a command whose values keep the format at `path`.
  static func option<Values>(
    _ path: any WritableKeyPath<Values, CatalogFormat> & Sendable, help: String
  ) -> Option<Values> {
    Option(
      OptionDescription(
        name: "format",
        form: .value("FORMAT", completion: .choice(allCases.map(\.rawValue)), default: CatalogFormat.text.rawValue),
        group: "Output", help: help),
      .value { (values: inout Values, text: String) throws(InvalidValue) in
        guard let format = CatalogFormat(rawValue: text) else { throw InvalidValue("text or tsv") }
        values[keyPath: path] = format
      })
  }
}
