// The memory that a fold or a reading needs, as a function of its length.

import ESM2
import Folding
import Platform
package import Tensors
package import Weights

/// Bytes by stage for a protein of a given length: what the process has in RAM at most, so what its control group or a
/// scheduler must allow it. `Scripts/memory` compares it with what programs take.
public struct MemoryPlan: Sendable {
  /// One part of the plan.
  public struct Stage: Sendable {
    /// What the memory is for.
    public let name: String
    /// How much; `Int.max` stands for more than any machine has.
    public let bytes: Int
  }

  /// The model the plan is for.
  public let modelName: String
  /// Whether it is the plan of a fold, not of a reading with a language model.
  public let isOfFold: Bool
  /// The peak of each stage.
  public let stages: [Stage]
  /// The peak over the run, in bytes: language model and trunk follow one another, so it is less than the sum. `Int.max`
  /// stands for more than any machine has.
  public let peakBytes: Int

  /// The plan of a model, or of esmfold_v1 without a model: of a fold, or of a reading where the model is a language model.
  ///
  /// - Parameters:
  ///   - location: The model, imported if it was downloaded, or `nil` for esmfold_v1.
  ///   - length: Residues, at least 1.
  ///   - precision: The number format asked for.
  ///   - threads: Threads that compute.
  ///   - kept: What the result of a fold holds.
  ///   - wanted: What a language model is to leave; `nil` for its last states.
  /// - Returns: The plan.
  /// - Throws: `ModelError` when the model cannot be opened.
  public static func plan(
    for location: ModelLocation?, length: Int, precision: ESMFold.Precision = .fp32, threads: Int,
    keeping kept: KeptOutputs = .structure, wanted: ESM.Wanted? = nil
  ) throws(ModelError) -> MemoryPlan {
    let size = Size(
      length: length, precision: precision.supported.format, threads: threads, kept: kept)
    guard let location else {
      return MemoryPlan(
        "esmfold_v1", try ModelConfiguration(json: publishedConfiguration, path: "esmfold_v1"),
        weights: publishedWeights(size.precision), size)
    }
    let store = try location.open(), configuration = try EncoderConfiguration(of: store)
    guard configuration.isFoldingModel else {
      return MemoryPlan(
        store, configuration.languageModel,
        wanted ?? ESM.Wanted(layers: [configuration.languageModel.layers]), size)
    }
    return MemoryPlan(
      store.modelName, try ModelConfiguration(of: store), weights: FoldingWeights(store, size.precision), size)
  }

  // MARK: Refusals

  /// What is left free: page tables, small objects, and files that the system keeps in memory while they are in use.
  ///
  /// With it the longest folds that are admitted end well in control groups of 200 MiB (`Scripts/memory --limit 200`).
  package static func withMargin(_ bytes: Int) -> Int {
    let (sum, overflow) = bytes.addingReportingOverflow(8 << 20 + bytes / 64)
    return overflow ? Int.max : sum
  }

  /// Refuses a length whose activations do not fit into the free memory, before any work. The model is loaded, so that what
  /// it holds is no longer free; pages of its file count as free, as the system can read them again.
  package static func check(_ configuration: ModelConfiguration, _ size: Size) throws(ModelError) {
    let available = SystemInfo.availableMemory
    func needed(_ length: Int) -> Int? {
      var other = size
      other.length = length
      return activations(configuration, other).map(withMargin)
    }
    func fits(_ length: Int) -> Bool { needed(length).map { $0 <= available } ?? false }
    guard !fits(size.length) else { return }
    var low = 0, high = size.length
    while high - low > 1 {
      let middle = (low + high) / 2
      if fits(middle) { low = middle } else { high = middle }
    }
    throw .memory(
      length: size.length, linkers: size.linkers, needed: needed(size.length) ?? Int.max, available: available,
      longest: low)
  }

  /// Refuses a model whose weights, as far as they get memory of their own, do not fit into the free memory.
  package static func checkWeights(_ store: WeightStore, precision: Precision) throws(ModelError) {
    let needed = withMargin(FoldingWeights(store, precision).owned), available = SystemInfo.availableMemory
    guard needed <= available else {
      throw .modelMemory(model: store.modelName, needed: needed, available: available)
    }
  }

  // MARK: The numbers

  /// What the memory of a fold depends on, besides the model.
  package struct Size {
    /// Residues, those of linkers included.
    var length: Int
    let precision: Precision, threads: Int, kept: KeptOutputs
    /// Residues of linkers, which are left out of copies of the outputs.
    var linkers = 0
    /// Whether the language model reads while the trunk's states are there.
    var readsAgain = false

    package init(length: Int, precision: Precision, threads: Int, kept: KeptOutputs) {
      (self.length, self.precision, self.threads, self.kept) = (length, precision, threads, kept)
    }
  }

  /// Bytes of a folding model's weights that are in memory at once.
  struct FoldingWeights {
    /// One layer of the language model, whose pages are released when it has run.
    let languageModelLayer: Int
    /// Everything after the language model: `owned`, and what is read from the pages of the file.
    let folding: Int
    /// What is converted into memory of its own when the model is loaded.
    let owned: Int
  }

  private init(_ name: String, _ configuration: ModelConfiguration, weights: FoldingWeights, _ size: Size) {
    let languageModel = MemoryPlan.languageModel(configuration, size) ?? Int.max
    let trunk = MemoryPlan.trunk(configuration, size) ?? Int.max
    let program = MemoryPlan.program(writesTensors: size.kept != .structure)
    self.init(
      name, isOfFold: true,
      [
        Stage(name: "program", bytes: program),
        Stage(name: "language model: activations", bytes: languageModel),
        Stage(name: "language model: one layer of weights", bytes: weights.languageModelLayer),
        Stage(name: "trunk: activations", bytes: trunk),
        Stage(name: "trunk and heads: weights", bytes: weights.folding),
      ],
      peak: max(
        Self.sum(program, languageModel, weights.languageModelLayer, weights.owned),
        Self.sum(program, trunk, weights.folding)))
  }

  private init(
    _ store: WeightStore, _ configuration: LanguageModelConfiguration, _ wanted: ESM.Wanted, _ size: Size
  ) {
    let program = MemoryPlan.program(writesTensors: false), tokens = size.length.addingReportingOverflow(2)
    let reading =
      tokens.overflow
      ? nil
      : EncoderModel.bytes(
        configuration, size.precision, lengths: [tokens.partialValue], wanted, threads: Threads(size.threads))
    let weights = ESM.residentWeights(store)
    self.init(
      store.modelName, isOfFold: false,
      [
        Stage(name: "program", bytes: program), Stage(name: "activations and results", bytes: reading ?? Int.max),
        Stage(name: "weights", bytes: weights),
      ], peak: Self.sum(program, reading ?? Int.max, weights))
  }

  private init(_ name: String, isOfFold: Bool, _ stages: [Stage], peak: Int) {
    modelName = name
    self.isOfFold = isOfFold
    self.stages = stages
    peakBytes = peak
  }

  /// Bytes that are allocated for a fold, or `nil` on overflow.
  package static func activations(
    _ configuration: ModelConfiguration, length: Int, precision: Precision, threads: Int, keeping kept: KeptOutputs
  ) -> Int? {
    activations(
      configuration, Size(length: length, precision: precision, threads: threads, kept: kept))
  }

  static func activations(_ configuration: ModelConfiguration, _ size: Size) -> Int? {
    guard let trunk = trunk(configuration, size), let languageModel = languageModel(configuration, size) else {
      return nil
    }
    return size.readsAgain ? languageModel + trunk : max(languageModel, trunk)
  }

  /// Far beyond any memory, and far from overflow: 2^20 residues squared, 2^12 numbers each.
  private static let longest = 1 << 20

  private static func languageModel(_ configuration: ModelConfiguration, _ size: Size) -> Int? {
    guard size.length < longest else { return nil }
    let work = LanguageModelWorkspace.bytes(
      tokens: size.length + 2, longest: size.length + 2, configuration: configuration.languageModel,
      precision: size.precision, threads: Threads(size.threads))
    return work + states(configuration, size.length)
  }

  /// The states of all layers, combined, which wait for the trunk.
  private static func states(_ configuration: ModelConfiguration, _ length: Int) -> Int {
    length * configuration.languageModel.hiddenSize * MemoryLayout<Float>.stride
  }

  private static func trunk(_ configuration: ModelConfiguration, _ size: Size) -> Int? {
    guard size.length < longest else { return nil }
    let trunk = configuration.folding.trunk, length = size.length
    let work = Workspace.bytes(
      length: length, configuration: trunk, precision: size.precision, threads: Threads(size.threads))
    let pairs = length * length, float = MemoryLayout<Float>.stride
    // The aligned errors, their scores and a copy of the errors; later the errors and the distogram's logits.
    let errors = 3 * pairs * float, bins = ConfidenceHeads.errorBins * pairs * float
    let kept =
      switch size.kept {
      case .structure: errors
      // Also a copy of the logits, and copies of the states.
      case .tensors: (1 + trunk.pairWidth) * pairs * float + 2 * bins + length * trunk.sequenceWidth * float
      case .fields(let fields):
        FieldBuffers.bytes(fields, length: length, trunk)
          + (fields.contains(.distogramLogits) ? max(errors, pairs * float + bins) : errors)
      }
    let results = states(configuration, length) + (size.linkers > 0 ? 2 : 1) * kept
    return work + results
  }

  /// What the program itself has in memory while it computes: what it has now, and what it will touch of its code and small
  /// objects, with the buffer and the digests of a writer of tensors where there is one. Measured with `Scripts/memory`.
  private static func program(writesTensors: Bool) -> Int {
    ProcessMemory.resident + (writesTensors ? 5 << 20 : 3 << 20)
  }

  /// The sum, `Int.max` where it is more.
  private static func sum(_ bytes: Int...) -> Int {
    bytes.reduce(0) { sum, next in
      let (sum, overflow) = sum.addingReportingOverflow(next)
      return overflow ? Int.max : sum
    }
  }

  /// facebook/esmfold_v1: 36 float16 layers of 78.7 million parameters, 690,296,324 float32 parameters after them, of which
  /// those of the blocks' products are 685,228,032, 661,389,312 of them in the sequence track.
  private static func publishedWeights(_ precision: Precision) -> FoldingWeights {
    let folding = 690_296_324, sequence = 661_389_312, blocks = 685_228_032
    return FoldingWeights(
      languageModelLayer: 157_352_960,
      folding: precision == .float32 ? 4 * folding : 4 * folding - 2 * blocks,
      owned: precision == .float32 ? 4 * (folding - sequence) : 4 * folding - 2 * blocks)
  }

  /// The fields of its config.json that differ from the defaults.
  package static let publishedConfiguration = """
    {"vocab_size": 33, "hidden_size": 2560, "num_hidden_layers": 36, "num_attention_heads": 40,
     "intermediate_size": 10240, "layer_norm_eps": 1e-5, "position_embedding_type": "rotary", "token_dropout": true,
     "is_folding_model": true, "esmfold_config": {"fp16_esm": false}, "mask_token_id": 32, "pad_token_id": 1}
    """
}

extension MemoryPlan.FoldingWeights {
  /// Adds up a store's tensors.
  init(_ store: WeightStore, _ precision: Precision) {
    var layer = 0, owned = 0, mapped = 0
    for tensor in store.tensorsInOrder {
      if tensor.name.hasPrefix("esm.") {
        if tensor.name.hasPrefix("esm.encoder.layer.0.") { layer += tensor.byteCount }
        continue
      }
      guard tensor.elementType.isFloat else { continue }
      let isProduct = tensor.name.hasPrefix("trunk.blocks.") && tensor.shape.count == 2
      if isProduct, precision == .float32, Self.isOfSequence(tensor.name) {
        // Converted panel by panel whenever it is used.
        mapped += tensor.byteCount
      } else {
        owned += tensor.count * (isProduct && precision == .bfloat16 ? 2 : 4)
      }
    }
    self.init(languageModelLayer: layer, folding: owned + mapped, owned: owned)
  }

  /// Whether `trunk.blocks.N.PART.…` is a part of the sequence track.
  private static func isOfSequence(_ name: String) -> Bool {
    let parts = name.split(separator: ".", maxSplits: 4)
    return parts.count == 5 && ["seq_attention", "mlp_seq", "sequence_to_pair"].contains(parts[3])
  }
}
