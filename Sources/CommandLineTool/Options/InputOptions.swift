// Options of all commands that read sequences: what becomes of what is not a residue, and how records are named.

package import Protein

/// How sequences are read.
package struct InputOptions: Sendable {
  /// What names a record's results.
  package enum Naming: String, CaseIterable, Sendable {
    case header, file
  }

  package var gaps: FASTARules.Gaps
  package var nonstandard = FASTARules.Nonstandard.x
  package var readsLines = false
  package var naming = Naming.header

  package init(gaps: FASTARules.Gaps = .drop) { self.gaps = gaps }

  private static let group = "Sequences"

  /// The options of all commands; `gaps`: what the command does with gaps by default.
  static func table(gaps: FASTARules.Gaps = .drop) -> [Option<InputOptions>] {
    [
      Option(
        OptionDescription(
          name: "gaps",
          form: .value(
            "HOW", completion: .choice(FASTARules.Gaps.allCases.map(\.rawValue)), default: gaps.rawValue),
          group: group,
          help:
            "what to do with - and . of alignments: drop leaves them out, keep leaves them in (and the insertions of an "
            + "A3M out), error refuses the record"),
        .value { (values: inout InputOptions, text: String) throws(InvalidValue) in
          guard let gaps = FASTARules.Gaps(rawValue: text) else { throw InvalidValue("drop, keep or error") }
          values.gaps = gaps
        }),
      Option(
        OptionDescription(
          name: "lines", form: .negatable(), group: group,
          help: "read each line without a header as a sequence, also where the lines look like one that was wrapped"),
        .flag { $0.readsLines = $1 }),
      Option(
        OptionDescription(
          name: "name-by",
          form: .value(
            "WHAT", completion: .choice(Naming.allCases.map(\.rawValue)), default: Naming.header.rawValue),
          group: group,
          help: "name results after the header of the record, or after its file: FILE, and FILE_2, FILE_3 for further "
            + "records of it"),
        .value { (values: inout InputOptions, text: String) throws(InvalidValue) in
          guard let naming = Naming(rawValue: text) else { throw InvalidValue("header or file") }
          values.naming = naming
        }),
    ]
  }

  /// Of `fold` alone: the language models have tokens for these letters.
  static let nonstandard = Option<InputOptions>(
    OptionDescription(
      name: "nonstandard",
      form: .value(
        "HOW", completion: .choice(FASTARules.Nonstandard.allCases.map(\.rawValue)),
        default: FASTARules.Nonstandard.x.rawValue),
      group: group,
      help:
        "what to fold for letters outside the twenty: x, which has no atoms, or the nearest amino acid (U as C, O as K, "
        + "B as D, Z as E, J as L)"),
    .value { (values: inout InputOptions, text: String) throws(InvalidValue) in
      guard let way = FASTARules.Nonstandard(rawValue: text) else { throw InvalidValue("x or nearest") }
      values.nonstandard = way
    })

  /// The rules for one file.
  func rules(_ dialect: FASTADialect, path: String) -> FASTARules {
    let name = path.lowercased()
    return FASTARules(
      dialect, gaps: gaps, nonstandard: nonstandard, readsLines: readsLines,
      isA3M: name.hasSuffix(".a3m") || name.hasSuffix(".a3m.gz"))
  }
}
