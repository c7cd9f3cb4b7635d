// The whole network: language model, embedder, trunk, heads, bound to one checkpoint (transformers:
// EsmForProteinFolding).

import ESM2
package import Folding
package import Protein
package import Tensors
package import Weights

/// All modules of an ESMFold checkpoint; immutable after loading.
package struct FoldingModel: Sendable {
  package let configuration: ModelConfiguration
  package let precision: Precision
  private let languageModel: LanguageModel
  private let embedder: InputEmbedder
  private let trunk: FoldingTrunk
  private let heads: ConfidenceHeads

  /// Tensors of a checkpoint that folding does not use: buffers and the heads of other tasks.
  private static let unused = [
    "af2_to_esm",  // follows from vocab_list
    "esm.embeddings.position_ids",
    "esm.contact_head.*",
    "esm.pooler.*",
    // Absolute positions have no frequencies, rotary ones no table, but files may hold either.
    "esm.embeddings.position_embeddings.weight",
    "esm.rotary_embeddings.inv_freq",
    "esm.encoder.layer.*.attention.self.rotary_embeddings.inv_freq",
  ]

  /// Binds every tensor; a missing, surplus or misshapen one is an error that names it.
  ///
  /// - Parameters:
  ///   - store: The checkpoint.
  ///   - precision: The number format of the products in the language model and the trunk's blocks.
  /// - Throws: `ModelError`.
  package init(_ store: WeightStore, precision: Precision = .float32) throws(ModelError) {
    self.precision = precision
    configuration = try ModelConfiguration(of: store)
    do throws(WeightError) {
      let w = WeightScope(store), stem = configuration.languageModel, folding = configuration.folding
      languageModel = try LanguageModel(w["esm"], configuration: stem, precision: precision)
      embedder = try InputEmbedder(
        w, states: stem.layers + 1, stateWidth: stem.hiddenSize, configuration: folding)
      trunk = try FoldingTrunk(w["trunk"], configuration: folding.trunk, precision: precision)
      heads = try ConfidenceHeads(w, configuration: folding)
      try store.checkAllRead(ignoring: Self.unused)
    } catch {
      throw .weights(error)
    }
  }

  /// The longest protein that the language model can read, or `nil` when there is no end.
  package var maximumLength: Int? { languageModel.maximumTokens.map { $0 - 2 } }

  /// What a run leaves.
  package struct Output: Sendable {
    package let structure: StructureOutput
    package let confidence: Confidence
    package let tensors: FoldTensors?
  }

  /// Something that has just ended, and how long it took.
  package enum Event: Sendable, Equatable {
    /// Block `index` of a pass.
    case block(pass: Int, index: Int)
    case structure(pass: Int)
    case heads
  }

  /// Folds one protein.
  ///
  /// - Parameters:
  ///   - input: At least one residue, at most `maximumLength`; at least one pass.
  ///   - states: What `read` made of the residues, [L, C].
  ///   - keepsTensors: Whether the output's tensors are wanted.
  ///   - threads: Who does the work.
  ///   - tap: Hears of intermediates.
  ///   - event: Called after every step.
  /// - Returns: Structure, confidence and, if wanted, tensors.
  package func fold(
    _ input: FoldingInput, states: Tensor<2>, keepsTensors: Bool, threads: Threads, tap: Tap = .none,
    event: (Event) -> Void
  ) -> Output {
    let work = Workspace(
      length: input.residues.count, configuration: configuration.folding.trunk, precision: precision, threads: threads)
    embedder.embed(states, input.residues, work: work, threads: threads)
    tap("s_s_0", work.s0.values)
    let structure = trunk.fold(input, work: work, threads: threads, tap: tap) { pass, step in
      switch step {
      case .block(let index): event(.block(pass: pass, index: index))
      case .structureModule: event(.structure(pass: pass))
      }
    }
    let confidence = heads.confidence(states: structure.states, work: work, threads: threads, tap: tap)
    let tensors =
      keepsTensors
      ? FoldTensors(
        angles: structure.angles, frames: structure.frames.flatMap(\.sevenNumbers), sS: work.s.values,
        sZ: work.z.values, sWidth: configuration.folding.trunk.sequenceWidth,
        zWidth: configuration.folding.trunk.pairWidth, lmLogits: heads.lmLogits(work: work, threads: threads),
        distogramLogits: heads.distogramLogits(work: work, threads: threads), aatype: input.residues.map(\.index),
        residueIndex: input.residueIndex) : nil
    event(.heads)
    return Output(structure: structure, confidence: confidence, tensors: tensors)
  }

  /// Reads proteins with the language model, all at once, so that its weights are read once.
  ///
  /// - Parameters:
  ///   - proteins: Each of at least one residue, at most `maximumLength`.
  ///   - threads: Who does the work.
  ///   - tap: Hears of intermediates, of all proteins side by side.
  /// - Returns: For each protein the model's states, combined by their learned weights, [L, C].
  package func read(_ proteins: [[ResidueType]], threads: Threads, tap: Tap = .none) -> [Tensor<2>] {
    let batch = TokenBatch(proteins.map(configuration.vocabulary.encode))
    let work = LanguageModelWorkspace(
      tokens: batch.count, longest: batch.longest, configuration: configuration.languageModel, precision: precision,
      threads: threads)
    let width = configuration.languageModel.hiddenSize
    let combined = proteins.map { Tensor<2>(zeros: [$0.count, width]) }  // [L, C] of each
    // A layer is read once for each batch: its pages need not stay in memory.
    languageModel.run(batch, work: work, threads: threads, discardsPages: true) { index, state in
      tap("esm.hidden_states.\(index)", state.values)
      for (rows, sum) in zip(batch.rows, combined) { embedder.accumulate(index, state, rows: rows, into: sum) }
    }
    tap("esm_s", combined.flatMap { $0.values })
    return combined
  }
}
