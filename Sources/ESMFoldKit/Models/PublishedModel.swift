// Numbers that were published for models, to compare with.

import ESM2
import Folding
import Platform
import Weights

/// A model and some of its results that were published, by others than this program.
package struct PublishedModel: Sendable {
  /// Its name, as `KnownModel` has it, or `demo`.
  package let name: String
  package let checks: [Check]

  package init(name: String, checks: [Check]) {
    self.name = name
    self.checks = checks
  }

  /// One result.
  package struct Check: Sendable {
    /// What is computed.
    package enum Subject: Sendable {
      /// Mean pLDDT over all atoms of a fold with the model's own number of recycles: the mean of the B-factors, 0–100.
      case meanConfidence(of: String)
      /// Where the first iteration of the structure module, in the last pass, puts atom N of the first residue, in Å.
      case firstPosition(of: String)
      /// The logits of a token, the first three.
      case logits([Int], token: Int)
      /// The last state of a token, its first three numbers.
      case state([Int], token: Int)
    }

    package let subject: Subject
    /// The published numbers.
    package let expected: [Double]
    /// A number may differ by `absolute + relative · |expected|`.
    package let absolute: Double, relative: Double
    /// Who published it.
    package let source: String

    package init(_ subject: Subject, _ expected: [Double], absolute: Double, relative: Double = 0, source: String) {
      self.subject = subject
      self.expected = expected
      self.absolute = absolute
      self.relative = relative
      self.source = source
    }

    /// Whether the numbers are those, within the tolerance.
    package func accepts(_ found: [Double]) -> Bool {
      found.count == expected.count
        && zip(found, expected).allSatisfy { abs($0 - $1) <= absolute + relative * abs($1) }
    }
  }

  // MARK: Recognition

  /// The model that a configuration is that of; its weights are what the comparison is about, so they do not count. `nil`
  /// when nothing was published for it.
  package static func ofConfiguration(json: String, path: String) throws(ModelError) -> PublishedModel? {
    let encoder = try EncoderConfiguration(json: json, path: path)
    let sizes = Sizes(encoder.languageModel)
    guard encoder.isFoldingModel else {
      return sizes == Sizes(layers: 6, hidden: 320, heads: 20, inner: 1280, positions: .rotary) ? esm2 : nil
    }
    let trunk = try ModelConfiguration(json: json, path: path).folding.trunk
    // The defaults of all fields are those of esmfold_v1.
    if trunk == TrunkConfiguration(),
      sizes == Sizes(layers: 36, hidden: 2560, heads: 40, inner: 10240, positions: .rotary)
    {
      return esmfold
    }
    let demo = try ModelConfiguration(of: try ModelLocation.demo.open())
    return trunk == demo.folding.trunk && sizes == Sizes(demo.languageModel) ? self.demo : nil
  }

  /// What tells language models apart.
  private struct Sizes: Equatable {
    let layers: Int, hidden: Int, heads: Int, inner: Int
    let positions: LanguageModelConfiguration.Positions

    init(layers: Int, hidden: Int, heads: Int, inner: Int, positions: LanguageModelConfiguration.Positions) {
      (self.layers, self.hidden, self.heads, self.inner, self.positions) = (layers, hidden, heads, inner, positions)
    }

    init(_ configuration: LanguageModelConfiguration) {
      self.init(
        layers: configuration.layers, hidden: configuration.hiddenSize, heads: configuration.heads,
        inner: configuration.intermediateSize, positions: configuration.positions)
    }
  }

  // MARK: Values

  /// All of them.
  package static let all = [esmfold, esm2, demo]

  private static let transformers = "transformers, tests/models/esm/"

  private static let esmfold = PublishedModel(
    name: "esmfold_v1",
    checks: [
      Check(
        .meanConfidence(of: "MKTVRQERLKSIVRILERSKEPVSGAQLAEELSVSRQVIVQDIAYLRSLGYNIVATPRGYVLAGG"), [88.3], absolute: 0.1,
        source: "facebookresearch/esm, README.md and tests/test_readme.py"),
      // The ids 0 6 4 13 5 4 16 12 11 7 2 of the test, in AlphaFold's order.
      Check(
        .firstPosition(of: "AECFQCTMKGN"), [2.5828, 0.7993, -10.9334], absolute: 1e-4, relative: 1e-4,
        source: transformers + "test_modeling_esmfold.py"),
    ])

  private static let esm2: PublishedModel = {
    let source = transformers + "test_modeling_esm.py"
    let logits = [[8.9215, -10.5898, -6.4671], [-6.3967, -13.9114, -1.1212], [-7.7812, -13.9516, -3.7406]]
    let states = [[0.1444, 0.5413, 0.3248], [0.3034, 0.0053, 0.3108], [0.3228, -0.2499, 0.3415]]
    // <cls> GLDALQITV <eos>
    let peptide = [0, 6, 4, 13, 5, 4, 16, 12, 11, 7, 2]
    return PublishedModel(
      name: "esm2_t6_8M_UR50D",
      checks: logits.enumerated().map {
        Check(.logits(Array(0...5), token: $0), $1, absolute: 1e-4, relative: 1e-4, source: source)
      }
        + states.enumerated().map {
          Check(.state(peptide, token: $0), $1, absolute: 1e-4, relative: 1e-4, source: source)
        })
  }()

  /// Numbers of the reference, of a chain in which no distance is near a boundary of the recycling bins.
  private static let demo: PublishedModel = {
    let insulin = "GIVEQCCTSICSLYQLENYCN", source = "transformers 5.23.0 in float32; Scripts/goldens.py prints it"
    return PublishedModel(
      name: "demo",
      checks: [
        Check(.meanConfidence(of: insulin), [96.1277], absolute: 0.01, source: source),
        Check(.firstPosition(of: insulin), [4.8154, -8.3170, -4.1878], absolute: 0.002, source: source),
      ])
  }()
}
