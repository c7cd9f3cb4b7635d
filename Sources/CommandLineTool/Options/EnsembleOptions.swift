// Options of `fold` for several structures of one protein, and for the end of recycling.

import ESMFoldKit

/// How many structures are made of a protein, and what is kept of the passes.
package struct EnsembleOptions: Sendable {
  /// Structures of each protein; the first is made without masks.
  package var samples = 1
  /// The probability with which a residue is hidden from the language model; nil: the default.
  package var maskRate: Double?
  package var seed: Int?
  package var redrawsMasks = false
  /// Å; nil where every pass is made.
  package var recycleTolerance: Float?
  package var savesRecycles = false

  private static let group = "Ensembles and recycling"
  private static let mostSamples = 100
  /// As in ColabFold's notebook.
  static let defaultMaskRate = 0.15

  static let table: [Option<EnsembleOptions>] = [
    Option(
      OptionDescription(
        name: "samples", form: .value("N", default: "1"), group: group,
        help:
          "fold each protein N times, the first time as always and then with residues hidden from the language model: "
          + "NAME.sample_2.pdb and so on, NAME.samples.tsv with their ranks, NAME.rmsf.tsv with their spread by residue"
      ),
      .value { (values: inout EnsembleOptions, text: String) throws(InvalidValue) in
        values.samples = try wholeNumber(text, atLeast: 1, atMost: mostSamples)
      }),
    Option(
      OptionDescription(
        name: "mask-rate", form: .value("P", default: "\(defaultMaskRate)"), group: group,
        help: "the probability with which a residue is hidden in a sample"),
      .value { (values: inout EnsembleOptions, text: String) throws(InvalidValue) in
        guard let rate = decimal(text), rate > 0, rate <= 1 else { throw InvalidValue("a number above 0, at most 1") }
        values.maskRate = rate
      }),
    Option(
      OptionDescription(
        name: "seed", form: .value("S", default: "0"), group: group,
        help: "the number that the hidden residues follow from, on every machine the same"),
      .value { (values: inout EnsembleOptions, text: String) throws(InvalidValue) in
        values.seed = try wholeNumber(text, atLeast: 0, atMost: Int.max)
      }),
    Option(
      OptionDescription(
        name: "redraw-masks", form: .negatable(), group: group,
        help: "hide other residues in each pass, as ColabFold does; the language model then reads before each"),
      .flag { $0.redrawsMasks = $1 }),
    Option(
      OptionDescription(
        name: "recycle-tolerance", form: .value("DISTANCE", default: "0, which never ends it"), group: group,
        help:
          "end recycling when the distances between alpha carbons have changed by less than this since the pass before "
          + "(root mean square, in angstroms)"),
      .value { (values: inout EnsembleOptions, text: String) throws(InvalidValue) in
        guard let distance = decimal(text), distance <= 1000 else { throw InvalidValue("angstroms, from 0 to 1000") }
        values.recycleTolerance = distance > 0 ? Float(distance) : nil
      }),
    Option(
      OptionDescription(
        name: "save-recycles", form: .negatable(), group: group,
        help: "also write the structure after each pass but the last: NAME.recycle_0.pdb and so on"),
      .flag { $0.savesRecycles = $1 }),
  ]

  /// Throws when an option has nothing to say.
  func check() throws(UsageError) {
    guard samples == 1 else { return }
    let unused = [(maskRate != nil, "--mask-rate"), (seed != nil, "--seed"), (redrawsMasks, "--redraw-masks")]
    guard let (_, name) = unused.first(where: \.0) else { return }
    throw .conflict(
      "\(name): found a single sample, in which nothing is hidden, expected --samples 2 or more\nhint: the first sample "
        + "is the plain fold")
  }

  /// The request for a sample, counted from 1.
  func request(_ number: Int, from plain: FoldRequest) -> FoldRequest {
    var request = plain
    request.recycleTolerance = recycleTolerance
    if number > 1 {
      request.mask = LanguageMask(
        rate: maskRate ?? Self.defaultMaskRate, seed: UInt64(seed ?? 0), sample: number, isRedrawn: redrawsMasks)
    }
    return request
  }
}
