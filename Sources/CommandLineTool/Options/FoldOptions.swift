// The options of `esmfold fold`.

package import ESMFoldKit
import Glibc

/// The choices of one folding run.
package struct FoldOptions: Sendable {
  package var common = CommonOptions()
  package var model = ModelOptions()
  /// The folder or the tar for the results.
  package var output: String?
  /// FASTA files named with `--fasta`, in order; they come before the positional ones.
  package var fasta: [String] = []
  /// Extra passes after the first; nil: the model's own number.
  package var recycles: Int?
  package var input = InputOptions()
  package var complex = ComplexOptions()
  package var ensemble = EnsembleOptions()
  package var cluster = ClusterOptions()
  /// How many proteins are folded at the same time at most; nil: as many as threads and memory suffice for.
  package var jobs: Int?
  /// The formats of the structures that were asked for; never empty, nil where none were.
  package var chosenFormats: Set<Format>?
  /// Whether predicted aligned errors are written as JSON, where that was said; and into mmCIF files.
  package var choosesAlignedErrors: Bool?, cifHasAlignedErrors = false
  /// Whether a page shows the results at the end.
  package var makesReport = false
  /// Whether all confidence is written as JSON.
  package var savesScores = false
  /// What is saved besides the structure.
  package var kept = KeptOutputs.structure
  package var savesTensors: Bool { kept != .structure }
  /// Whether pLDDT is also written as a table.
  package var savesConfidence = false
  /// Whether pLDDT and predicted aligned errors are also drawn.
  package var savesPlots = false
  package var overwrites = false
  /// Notes about options of Meta's program that were given but have no effect here.
  package var withoutMeaning: [String] = []

  package init() {}

  private mutating func noteWithoutMeaning(_ name: String, _ reason: String) {
    let note = "--\(name) has no meaning here: \(reason)"
    if !withoutMeaning.contains(note) { withoutMeaning.append(note) }
  }

  static let output = OptionDescription(
    name: "output", aliases: ["pdb"], short: "o", form: .value("DIR|FILE.tar", completion: .file),
    group: "Input and output",
    help: "the folder for the results, or a tar to which they are appended; it is created with the folders above it")

  package static let table = OptionTable<FoldOptions>(
    inputAndOutput + sequences + modelAndComputation + forMeta + CommonOptions.table.map { $0.within(\.common) })

  private static let inputAndOutput: [Option<FoldOptions>] = folders + confidence + results

  private static let folders: [Option<FoldOptions>] = [
    Option(
      output,
      .value { (values: inout FoldOptions, text: String) throws(InvalidValue) in
        guard !text.isEmpty, text != "-" else { throw InvalidValue("a folder, or a tar: FILE.tar") }
        values.output = text
      }),
    Option(
      OptionDescription(
        name: "fasta", short: "i", form: .value("FILE", completion: .file), group: "Input and output",
        help: "a FASTA file, like the arguments; may be given several times"),
      .value { (values: inout FoldOptions, text: String) throws(InvalidValue) in values.fasta.append(text) }),
    format,
  ]

  private static let results: [Option<FoldOptions>] = [
    tensors, report,
    Option(
      OptionDescription(
        name: "overwrite", form: .negatable(), group: "Input and output",
        help: "fold again where a complete result exists; by default it is kept and the protein is "
          + "skipped"),
      .flag { $0.overwrites = $1 }),
  ]

  private static let sequences: [Option<FoldOptions>] =
    (InputOptions.table() + [InputOptions.nonstandard]).map { $0.within(\.input) }
    + ComplexOptions.table.map { $0.within(\.complex) }

  private static let modelAndComputation: [Option<FoldOptions>] =
    [
      ModelOptions.model.within(\.model),
      Option(
        OptionDescription(
          name: "model-dir", short: "m", form: .value("DIR", completion: .folder), group: "Model",
          help: "a folder with a model, the same as --model DIR"),
        .value { (values: inout FoldOptions, text: String) throws(InvalidValue) in
          guard !text.isEmpty else { throw InvalidValue("a folder") }
          // The name of a folder takes precedence over that of a model in the cache: pipelines name folders.
          values.model.model = text.contains("/") || access(text, F_OK) != 0 ? text : "./" + text
        }),
      Option(
        OptionDescription(
          name: "recycles", aliases: ["num-recycles"], short: "n",
          form: .value("N", default: "the model's own, 3 for esmfold_v1"), group: "Computation",
          help: "extra passes through the trunk after the first, so 0 is one pass and 3 are four"),
        .value { (values: inout FoldOptions, text: String) throws(InvalidValue) in
          values.recycles = try wholeNumber(text, atLeast: 0, atMost: FoldRequest.maximumRecycles)
        }),
      ModelOptions.precision.within(\.model),
      ModelOptions.threads.within(\.model), jobs,
    ] + EnsembleOptions.table.map { $0.within(\.ensemble) } + ClusterOptions.table.map { $0.within(\.cluster) }

  private static let jobs = Option<FoldOptions>(
    OptionDescription(
      name: "jobs", short: "j", form: .value("N", completion: .choice(["auto"]), default: "auto"), group: "Computation",
      help:
        "proteins to fold at the same time at most, which share the threads; auto: as many as there are threads, if "
        + "the memory suffices"),
    .value { (values: inout FoldOptions, text: String) throws(InvalidValue) in
      do throws(InvalidValue) {
        values.jobs = text == "auto" ? nil : try wholeNumber(text, atLeast: 1, atMost: 1024)
      } catch {
        throw InvalidValue("auto or \(error.expected)")
      }
    })

  /// Options of Meta's esm-fold that have no effect here; their values are still checked.
  private static let forMeta: [Option<FoldOptions>] = [
    number("chunk-size", "attention is never computed in chunks"),
    number("max-tokens-per-batch", "each protein is folded by itself"),
    flag("cpu-only", "everything runs on the CPU"),
    flag("cpu-offload", "everything runs on the CPU"),
  ]

  private static let metaGroup = "Accepted for scripts written for esm-fold, without effect"

  private static func number(_ name: String, _ reason: String) -> Option<FoldOptions> {
    Option(
      OptionDescription(name: name, form: .value("N"), group: metaGroup, help: reason),
      .value { (values: inout FoldOptions, text: String) throws(InvalidValue) in
        _ = try wholeNumber(text, atLeast: 0)
        values.noteWithoutMeaning(name, reason)
      })
  }

  private static func flag(_ name: String, _ reason: String) -> Option<FoldOptions> {
    Option(
      OptionDescription(name: name, group: metaGroup, help: reason),
      .flag { values, _ in values.noteWithoutMeaning(name, reason) })
  }
}
