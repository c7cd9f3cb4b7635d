// The whole network: language model, embedder, trunk, heads, bound to one checkpoint (transformers:
// EsmForProteinFolding).

import ESM2
package import Folding
import Platform
import Protein
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
  private static let unused =
    [
      "af2_to_esm",  // follows from vocab_list
      "esm.embeddings.position_ids",
      "esm.contact_head.*",
      "esm.pooler.*",
      // Absolute positions have no frequencies, rotary ones no table, but files may hold either.
      "esm.embeddings.position_embeddings.weight",
    ] + RotaryEmbedding.tensorNames.map { "esm.\($0)" }

  /// Binds every tensor; a missing, surplus or misshapen one is an error that names it.
  ///
  /// - Parameters:
  ///   - store: The checkpoint.
  ///   - precision: The number format of the products in the language model and the trunk's blocks.
  ///   - threads: Pack the blocks.
  /// - Throws: `ModelError`.
  package init(
    _ store: WeightStore, precision: Precision = .float32, threads: Threads = Threads(1)
  ) throws(ModelError) {
    self.precision = precision
    configuration = try ModelConfiguration(of: store)
    do throws(WeightError) {
      let w = WeightScope(store), esm = configuration.languageModel, folding = configuration.folding
      languageModel = try LanguageModel(w["esm"], configuration: esm, precision: precision)
      embedder = try InputEmbedder(
        w, states: esm.layers + 1, stateWidth: esm.hiddenSize, configuration: folding)
      trunk = try FoldingTrunk(
        w["trunk"], configuration: folding.trunk, precision: precision, threads: threads)
      heads = try ConfidenceHeads(w, configuration: folding)
      try store.checkAllRead(ignoring: Self.unused)
    } catch {
      throw .weights(error)
    }
  }

  /// The longest protein that the language model can read, or `nil` without a limit.
  package var maximumLength: Int? { languageModel.maximumTokens.map { $0 - 2 } }

  /// The output of a fold.
  package struct Output: Sendable {
    package let structure: StructureOutput
    package let confidence: Confidence
    package let tensors: FoldTensors?
    package let fields: FoldFields?
    /// Passes that were made.
    package let passes: Int
    /// How far the structure moved in each pass after the first, Å.
    package let changes: [Float]
    /// The parts of the fold in order, without the language model.
    package let timings: [StageTiming]
  }

  /// The passes of a fold.
  package struct Passes {
    /// At least 1.
    package var most: Int
    /// Less change than this ends the fold, Å; nil for no such end.
    package var tolerance: Float?
    /// What is hidden from the language model in passes after the first, if each pass has a mask of its own.
    package var mask: LanguageMask?
    /// Called with what the fold would be if it ended after this pass, for each but the last.
    package var each: ((Output) -> Void)?

    package init(_ most: Int) { self.most = most }
  }

  /// Folds one protein.
  ///
  /// - Parameters:
  ///   - states: What `read` made of it; L' rows, of which the result has those of the chains, L.
  ///   - passes: How many at most, and what happens between them.
  ///   - kept: What is wanted besides structure and confidence.
  ///   - threads: The threads to use.
  ///   - tap: Observer of intermediate values.
  ///   - progress: Called after every block.
  /// - Returns: Structure, confidence and what else is wanted.
  package func fold(
    _ states: SequenceStates, passes: Passes, keeping kept: KeptOutputs, threads: Threads, tap: Tap = .none,
    progress: (FoldProgress) -> Void = { _ in }
  ) -> Output {
    let layout = states.layout, residues = layout.residues, blocks = configuration.folding.trunk.blocks
    var timings: [StageTiming] = [], stageStart = ContinuousClock.now
    func endStage(_ stage: StageTiming.Stage, pass: Int = 0) {
      let now = ContinuousClock.now
      timings.append(StageTiming(stage: stage, pass: pass, seconds: (now - stageStart).inSeconds))
      stageStart = now
    }
    let work = Workspace(
      length: residues.count, configuration: configuration.folding.trunk, precision: precision, threads: threads)
    embedder.embed(states.combined, residues, work: work, threads: threads)
    tap("s_s_0", work.s0.values)
    let input = FoldingInput(layout, passes: passes.most, tolerance: passes.tolerance)
    let buffers = FieldBuffers(kept.fields, length: layout.count, configuration.folding.trunk)
    var changes: [Float] = []
    let structure = trunk.fold(
      input, work: work, threads: threads, iterations: buffers.iterations, tap: tap
    ) { pass, block in
      if block == blocks - 1 { endStage(.trunk, pass: pass) }
      progress(FoldProgress(pass: pass + 1, passes: passes.most, block: block + 1, blocks: blocks))
    } passEnded: { end in
      endStage(.structure, pass: end.pass)
      if let change = end.change { changes.append(change) }
      if end.isLast { return }
      if let each = passes.each {
        let confidence = heads.confidence(states: end.structure.states, of: layout, work: work, threads: threads)
        endStage(.heads, pass: end.pass)
        each(
          Output(
            structure: end.structure, confidence: confidence, tensors: nil, fields: nil, passes: end.pass + 1,
            changes: changes,
            timings: timings))
      }
      if let mask = passes.mask {
        let rows = mask.rows(of: layout.count, pass: end.pass + 1)
        embedder.embed(
          read([layout], masks: [rows], threads: threads)[0].combined, residues, work: work, threads: threads)
        endStage(.languageModel, pass: end.pass + 1)
      }
    }
    let confidence = heads.confidence(
      states: structure.states, of: layout, work: work, threads: threads, keeping: buffers.errors, tap: tap)
    let fields =
      kept.fields.isEmpty ? nil : buffers.collected(layout, confidence, heads, work: work, threads: threads)
    let tensors =
      kept == .tensors
      ? FoldTensors(
        angles: layout.rows(of: structure.angles, width: 14),
        frames: layout.rows(of: structure.frames.flatMap(\.sevenNumbers), width: 7),
        sS: layout.rows(of: work.s.values, width: configuration.folding.trunk.sequenceWidth),
        sZ: layout.pairs(of: work.z.values, width: configuration.folding.trunk.pairWidth),
        sWidth: configuration.folding.trunk.sequenceWidth, zWidth: configuration.folding.trunk.pairWidth,
        lmLogits: layout.rows(of: heads.lmLogits(work: work, threads: threads), width: ResidueType.all.count + 2),
        distogramLogits: layout.pairs(
          of: heads.distogramLogits(work: work, threads: threads).values, width: ConfidenceHeads.errorBins),
        aatype: layout.rows(of: residues.map(\.index), width: 1),
        residueIndex: layout.rows(of: layout.residueIndex, width: 1)) : nil
    endStage(.heads)
    return Output(
      structure: structure, confidence: confidence, tensors: tensors, fields: fields, passes: changes.count + 1,
      changes: changes,
      timings: timings)
  }

  /// Reads proteins with the language model, all at once, so that its weights are read once.
  ///
  /// - Parameters:
  ///   - proteins: Each of at least one row, at most `maximumLength`.
  ///   - masks: Rows of each protein that are read as `<mask>`; empty for none at all.
  ///   - threads: The threads to use.
  ///   - tap: Observer of intermediate values, of all proteins side by side.
  /// - Returns: For each protein the model's states, combined by their learned weights, [L', C].
  package func read(
    _ proteins: [ChainLayout], masks: [[Int]] = [], threads: Threads, tap: Tap = .none
  ) -> [SequenceStates] {
    let start = ContinuousClock.now
    let masks = masks.isEmpty ? proteins.map { _ in [] } : masks
    let batch = TokenBatch(
      zip(proteins, masks).map { configuration.tokenizer.encode($0.residues, masking: $1) })
    let work = LanguageModelWorkspace(
      tokens: batch.count, longest: batch.longest, configuration: configuration.languageModel, precision: precision,
      threads: threads)
    let width = configuration.languageModel.hiddenSize
    let combined = proteins.map { Tensor<2>(zeros: [$0.count, width]) }  // [L', C] of each
    // A layer is read once for each batch, so its pages need not stay in memory.
    languageModel.run(batch, work: work, threads: threads, discardsPages: true) { index, state in
      tap("esm.hidden_states.\(index)", state.values)
      for (rows, sum) in zip(batch.rows, combined) { embedder.accumulate(index, state, rows: rows, into: sum) }
    }
    tap("esm_s", combined.flatMap { $0.values })
    let seconds = (ContinuousClock.now - start).inSeconds, total = Double(proteins.reduce(0) { $0 + $1.count })
    return zip(zip(proteins, masks), combined).map { protein, combined in
      let (layout, masked) = protein
      return SequenceStates(
        combined: combined, layout: layout, masked: masked, seconds: seconds * Double(layout.count) / total)
    }
  }
}
