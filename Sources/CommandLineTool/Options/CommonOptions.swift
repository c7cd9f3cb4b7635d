// Options that several commands share.

package import ESMFoldKit

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
        OptionDescription(
          name: "quiet", short: "q", group: "Messages", help: "print errors and required notices only"),
        .flag { values, _ in values.level = .quiet }),
      Option(
        OptionDescription(
          name: "verbose", short: "v", group: "Messages", help: "print details and the time each stage takes"),
        .flag { values, _ in values.level = .verbose }),
      Option(
        OptionDescription(
          name: "log-format", valueLabel: "FORMAT", completion: .choice(Diagnostics.Format.allCases.map(\.rawValue)),
          defaultText: CommonOptions().logFormat.rawValue, group: "Messages",
          help: "messages on standard error as text, or as json: one object per line"),
        .value { (values: inout CommonOptions, text: String) throws(InvalidValue) in
          guard let format = Diagnostics.Format(rawValue: text) else { throw InvalidValue("text or json") }
          values.logFormat = format
        }),
    ] + informative
}

/// Options of commands that compute with a model.
package struct ModelOptions: Sendable {
  /// A name, file or folder; nil where the command's default model is meant.
  package var model: String?
  /// nil: as many as this process may use.
  package var threads: Int?
  package var precision = ESMFold.Precision.fp32

  package init() {}

  package static let model = Option<ModelOptions>(
    OptionDescription(
      name: "model", valueLabel: "MODEL", completion: .model, defaultText: "esmfold_v1", environment: "ESMFOLD_MODEL",
      group: "Model",
      help:
        "the model: a name in the cache, an .h5 file, downloaded weights (a folder, or a .safetensors or .pt file), "
        + "or demo, a tiny model inside the program that only recalls the proteins of Examples/demo.fasta"),
    .value { (values: inout ModelOptions, text: String) throws(InvalidValue) in
      guard !text.isEmpty else { throw InvalidValue("a model's name, a file or a folder") }
      values.model = text
    })

  package static let precision = Option<ModelOptions>(
    OptionDescription(
      name: "precision", valueLabel: "TYPE", completion: .choice(ESMFold.Precision.allCases.map(\.rawValue)),
      defaultText: ESMFold.Precision.fp32.rawValue, group: "Computation",
      help: "fp32 for the reference's numbers, or bf16: matrix products of bfloat16 with float32 sums, about twice as "
        + "fast on processors with AVX512_BF16 (on others the program says so and computes in fp32)"),
    .value { (values: inout ModelOptions, text: String) throws(InvalidValue) in
      guard let precision = ESMFold.Precision(rawValue: text) else { throw InvalidValue("fp32 or bf16") }
      values.precision = precision
    })

  package static let threads = Option<ModelOptions>(
    OptionDescription(
      name: "threads", short: "t", valueLabel: "N", defaultText: "the cores this process may use",
      environment: "ESMFOLD_THREADS", group: "Computation",
      help: "threads to compute with"),
    .value { (values: inout ModelOptions, text: String) throws(InvalidValue) in
      values.threads = try wholeNumber(text, atLeast: 1, atMost: 1024)
    })
}
