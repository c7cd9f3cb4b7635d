// Options that several commands share.

/// Options that every command understands.
package struct CommonOptions: Sendable {
  package var level = Diagnostics.Level.normal
  package var logFormat = Diagnostics.Format.text

  package init() {}

  /// `--help` and `--version`.
  static let informative: [Option<CommonOptions>] = [
    Option(
      OptionDescription(name: "help", short: "h", group: "Other", help: "print this help and exit"), .stop(.help)),
    Option(OptionDescription(name: "version", group: "Other", help: "print the version and exit"), .stop(.version)),
  ]

  /// All options of this kind.
  package static let table: [Option<CommonOptions>] =
    [
      Option(
        OptionDescription(name: "quiet", short: "q", group: "Messages", help: "print errors and required notices only"),
        .flag { values, _ in values.level = .quiet }),
      Option(
        OptionDescription(
          name: "verbose", short: "v", group: "Messages", help: "print details and the time each stage takes"),
        .flag { values, _ in values.level = .verbose }),
      Option(
        OptionDescription(
          name: "log-format",
          form: .value(
            "FORMAT", completion: .choice(Diagnostics.Format.allCases.map(\.rawValue)),
            default: CommonOptions().logFormat.rawValue),
          group: "Messages", help: "messages on standard error as text, or as json: one object per line"),
        .value { (values: inout CommonOptions, text: String) throws(InvalidValue) in
          guard let format = Diagnostics.Format(rawValue: text) else { throw InvalidValue("text or json") }
          values.logFormat = format
        }),
    ] + informative
}
