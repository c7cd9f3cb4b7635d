// The memory that a fold needs, as a function of its length.

import ESM2
import Folding
package import Tensors
import Weights

/// Bytes by stage for a protein of a given length.
public struct MemoryPlan: Sendable {
  /// One part of the plan.
  public struct Stage: Sendable {
    /// What the memory is for.
    public let name: String
    /// How much.
    public let bytes: Int
  }

  /// The model the plan is for.
  public let modelName: String
  /// The peak of each stage.
  public let stages: [Stage]
  /// The peak over the run, in bytes: the language model and the trunk follow one another, so it is less than the sum.
  public let peakBytes: Int

  /// The plan of a model, or of esmfold_v1 without a model.
  ///
  /// - Parameters:
  ///   - location: The model, imported if it was downloaded, or `nil` for esmfold_v1.
  ///   - length: Residues, at least 1.
  ///   - precision: The number format asked for.
  ///   - threads: Threads that fold.
  /// - Returns: The plan.
  /// - Throws: `ModelError` when the model cannot be opened.
  public static func plan(
    for location: ModelLocation?, length: Int, precision: ESMFold.Precision = .fp32, threads: Int
  ) throws(ModelError) -> MemoryPlan {
    let precision = precision.supported.format
    guard let location else {
      return MemoryPlan(
        "esmfold_v1", try ModelConfiguration(json: publishedConfiguration, path: "esmfold_v1"),
        weights: publishedWeights, length: length, precision: precision, threads: threads)
    }
    let store = try location.open()
    return MemoryPlan(
      store.modelName, try ModelConfiguration(of: store),
      weights: WeightBytes(store), length: length, precision: precision, threads: threads)
  }

  /// Refuses a length that does not fit into the free memory, before any work.
  package static func check(
    _ configuration: ModelConfiguration, length: Int, precision: Precision, threads: Int, keepsTensors: Bool
  ) throws(ModelError) {
    let available = SystemInfo.current.availableMemory
    func needed(_ length: Int) -> Int? {
      activations(configuration, length: length, precision: precision, threads: threads, keepsTensors: keepsTensors)
    }
    func fits(_ length: Int) -> Bool { needed(length).map { $0 <= available } ?? false }
    guard !fits(length) else { return }
    var low = 0, high = length
    while high - low > 1 {
      let middle = (low + high) / 2
      if fits(middle) { low = middle } else { high = middle }
    }
    throw .memory(length: length, needed: needed(length) ?? Int.max, available: available, longest: low)
  }

  // === The numbers ===

  /// Bytes of mapped weights that are in memory at once.
  struct WeightBytes {
    /// One layer of the language model, whose pages are released when it has run.
    let languageModelLayer: Int
    /// Everything after the language model.
    let folding: Int
  }

  private init(
    _ name: String, _ configuration: ModelConfiguration, weights: WeightBytes, length: Int, precision: Precision,
    threads: Int
  ) {
    modelName = name
    let languageModel = MemoryPlan.languageModel(configuration, length: length, precision: precision, threads: threads)
    let trunk = MemoryPlan.trunk(
      configuration, length: length, precision: precision, threads: threads, keepsTensors: false)
    stages = [
      Stage(name: "language model: activations", bytes: languageModel),
      Stage(name: "language model: one layer of weights", bytes: weights.languageModelLayer),
      Stage(name: "trunk: activations", bytes: trunk),
      Stage(name: "trunk and heads: weights", bytes: weights.folding),
    ]
    peakBytes = max(languageModel + weights.languageModelLayer, trunk + weights.folding)
  }

  /// Bytes that are allocated for a fold, or `nil` on overflow.
  package static func activations(
    _ configuration: ModelConfiguration, length: Int, precision: Precision, threads: Int, keepsTensors: Bool
  ) -> Int? {
    // Far beyond any memory, and far from overflow: 2^20 residues squared, 2^12 numbers each.
    guard length < 1 << 20 else { return nil }
    return max(
      languageModel(configuration, length: length, precision: precision, threads: threads),
      trunk(configuration, length: length, precision: precision, threads: threads, keepsTensors: keepsTensors))
  }

  private static func languageModel(
    _ configuration: ModelConfiguration, length: Int, precision: Precision, threads: Int
  ) -> Int {
    LanguageModelWorkspace.bytes(
      tokens: length + 2, longest: length + 2, configuration: configuration.languageModel, precision: precision,
      threads: Threads(threads))
  }

  private static func trunk(
    _ configuration: ModelConfiguration, length: Int, precision: Precision, threads: Int, keepsTensors: Bool
  ) -> Int {
    let trunk = configuration.folding.trunk
    let work = Workspace.bytes(length: length, configuration: trunk, precision: precision, threads: Threads(threads))
    // The aligned error and its scores; copies of s_z and of the distogram's logits when they are kept.
    let results = length * length * (keepsTensors ? 2 * trunk.pairWidth + 3 * 64 : 2) * MemoryLayout<Float>.stride
    return work + results
  }

  /// facebook/esmfold_v1: 36 float16 layers of 78.7 million parameters, 690,296,324 float32 parameters after them.
  private static let publishedWeights = WeightBytes(languageModelLayer: 157_352_960, folding: 2_761_185_296)

  /// The fields of its config.json that differ from the defaults.
  package static let publishedConfiguration = """
    {"vocab_size": 33, "hidden_size": 2560, "num_hidden_layers": 36, "num_attention_heads": 40,
     "intermediate_size": 10240, "layer_norm_eps": 1e-5, "position_embedding_type": "rotary", "token_dropout": true,
     "is_folding_model": true, "esmfold_config": {"fp16_esm": false}, "mask_token_id": 32, "pad_token_id": 1}
    """
}

extension MemoryPlan.WeightBytes {
  /// Adds up a store's tensors.
  init(_ store: WeightStore) {
    let sizes = store.sizes
    languageModelLayer = sizes.reduce(0) { $0 + ($1.name.hasPrefix("esm.encoder.layer.0.") ? $1.bytes : 0) }
    folding = sizes.reduce(0) { $0 + ($1.name.hasPrefix("esm.") ? 0 : $1.bytes) }
  }
}
