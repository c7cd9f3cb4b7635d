// Whether a model gives the numbers that were published for it.

import Folding
import Protein
import Synchronization
import Tensors
import Weights

extension WeightsCatalog {
  /// A model's results beside those that were published for it.
  public struct PublishedComparison: Sendable {
    /// One result.
    public struct Row: Sendable {
      /// What was computed.
      public let what: String
      /// Who published the numbers.
      public let source: String
      /// The published numbers.
      public let expected: [Double]
      /// By how much each may differ: `absolute + relative · |expected|`.
      public let absolute: Double, relative: Double
      /// The model's numbers; `nil` when it has no head for them.
      public let found: [Double]?
      /// Whether all differ by no more than they may.
      public let isAccepted: Bool
    }

    /// The published model that has this one's configuration.
    public let model: String
    /// Whether the weights were imported from the file that was published, by its digest; `nil` where that is not known.
    public let isPublishedFile: Bool?
    /// All results.
    public let rows: [Row]
  }

  /// The models of which published numbers are known.
  public static var publishedModels: [String] { PublishedModel.all.map(\.name) }

  /// Throws `ModelError.noPublishedValues` unless numbers were published for a model of this configuration.
  public func checkPublished(_ location: ModelLocation) throws(ModelError) { _ = try published(location) }

  private func published(_ location: ModelLocation) throws(ModelError) -> PublishedModel {
    let (json, path) = try location.configuration()
    if let published = try PublishedModel.ofConfiguration(json: json, path: path) { return published }
    throw .noPublishedValues(model: try location.open().modelName, known: Self.publishedModels)
  }

  /// Computes what was published for models of this configuration.
  ///
  /// A model is recognised by its configuration, not by its weights: another model of the same size gives other numbers,
  /// which is what the comparison is to find out. Everything is computed in float32.
  ///
  /// - Parameters:
  ///   - location: The model; downloaded weights must have been imported.
  ///   - threads: How many threads to use, at least 1.
  ///   - progress: Called with the fraction that is done.
  /// - Returns: Published and found numbers.
  /// - Throws: `ModelError`, `noPublishedValues` when there is nothing to compare with.
  public func comparePublished(
    _ location: ModelLocation, threads: Int, progress: (Double) -> Void = { _ in }
  ) throws(ModelError) -> PublishedComparison {
    let published = try published(location)
    let digest = KnownModel.named(published.name)?.weights.sha256
    let header = try location.header()
    return PublishedComparison(
      model: published.name, isPublishedFile: digest.flatMap { digest in header.map { $0.sourceDigest == digest } },
      rows: try Self.rows(of: published, location, threads: threads, progress))
  }

  /// The results of a model that were published for another or the same.
  package static func rows(
    of published: PublishedModel, _ location: ModelLocation, threads: Int, _ progress: (Double) -> Void = { _ in }
  ) throws(ModelError) -> [PublishedComparison.Row] {
    let count = Double(published.checks.count)
    var computer = PublishedComputer(location, threads: threads), rows: [PublishedComparison.Row] = []
    for (index, check) in published.checks.enumerated() {
      let found = try computer.numbers(check.subject) { progress((Double(index) + $0) / count) }
      rows.append(
        PublishedComparison.Row(
          what: check.subject.description, source: check.source, expected: check.expected,
          absolute: check.absolute, relative: check.relative, found: found,
          isAccepted: found.map(check.accepts) ?? false))
      progress(Double(index + 1) / count)
    }
    return rows
  }
}

extension PublishedModel.Check.Subject: CustomStringConvertible {
  /// What is computed, in a few words.
  package var description: String {
    switch self {
    case .meanConfidence(let sequence): "mean pLDDT over atoms, \(sequence.count) residues \(sequence.prefix(7))..."
    case .firstPosition(let sequence):
      "first position of atom N in Å, \(sequence.count) residues \(sequence.prefix(7))..."
    case .logits(_, let token): "logits of token \(token)"
    case .state(_, let token): "last state of token \(token)"
    }
  }
}

/// Computes results of one model, which is loaded when it is needed.
private struct PublishedComputer {
  private let location: ModelLocation
  private let threads: Int
  private var folding: FoldingModel?
  private var language: ESM?

  init(_ location: ModelLocation, threads: Int) {
    self.location = location
    self.threads = max(1, threads)
  }

  /// The numbers of a check; `nil` when the model has no head for them.
  mutating func numbers(
    _ subject: PublishedModel.Check.Subject, _ progress: (Double) -> Void
  ) throws(ModelError) -> [Double]? {
    switch subject {
    case .meanConfidence(let sequence):
      let residues = sequence.utf8.map(ResidueType.init(letter:))
      let plddt = try fold(residues, .none, progress).confidence.plddt
      return [Double(Structure.meanConfidence(plddt: plddt, residueTypes: residues) ?? .nan)]
    case .firstPosition(let sequence):
      let name = "trunk.\(try passes() - 1).structure_module.0.positions"
      let position = Mutex<[Float]>([])
      _ = try fold(
        sequence.utf8.map(ResidueType.init(letter:)),
        Tap { found, values in
          if found == name { position.withLock { $0 = Array(values.prefix(3)) } }
        }, progress)
      return position.withLock { $0.map(Double.init) }
    case .logits(let tokens, let token):
      let model = try languageModel()
      guard model.description.hasMaskedLanguageHead else { return nil }
      return try model.read([tokens], ESM.Wanted(logits: true))[0].logits?.row(token).prefix(3).map(Double.init)
    case .state(let tokens, let token):
      let model = try languageModel(), last = model.description.layers
      return try model.read([tokens], ESM.Wanted(layers: [last]))[0].representations[last]?.row(token).prefix(3)
        .map(Double.init)
    }
  }

  private mutating func foldingModel() throws(ModelError) -> FoldingModel {
    if let folding { return folding }
    let model = try FoldingModel(try location.open())
    folding = model
    return model
  }

  private mutating func languageModel() throws(ModelError) -> ESM {
    if let language { return language }
    let model = try ESM(location, threads: threads)
    language = model
    return model
  }

  private mutating func passes() throws(ModelError) -> Int {
    try foldingModel().configuration.folding.trunk.defaultPasses
  }

  private mutating func fold(
    _ residues: [ResidueType], _ tap: Tap, _ progress: (Double) -> Void
  ) throws(ModelError) -> FoldingModel.Output {
    let model = try foldingModel(), passes = try passes(), threads = Threads(threads)
    guard passes > 0 else { throw .noPasses }
    try MemoryPlan.check(
      model.configuration,
      MemoryPlan.Size(length: residues.count, precision: .float32, threads: threads.count, kept: .structure))
    let states = model.read([ChainLayout(residues)], threads: threads)[0]
    return model.fold(
      states, passes: FoldingModel.Passes(passes), keeping: .structure, threads: threads, tap: tap
    ) {
      progress(Double(($0.pass - 1) * $0.blocks + $0.block) / Double($0.passes * $0.blocks))
    }
  }
}
