// A checkpoint of the family: the language model and the heads it has (transformers: EsmModel, EsmForMaskedLM,
// EsmForSequenceClassification, EsmForTokenClassification).

package import ESM2
package import Tensors
package import Weights

/// The language model and the heads of one checkpoint; immutable after loading.
package struct EncoderModel: Sendable {
  package let languageModel: LanguageModel
  package let task: TaskConfiguration
  package let maskedLanguageHead: MaskedLanguageHead?
  package let contactHead: ContactHead?
  package let pooler: Pooler?
  package let classifier: Classifier?

  package var configuration: LanguageModelConfiguration { languageModel.configuration }

  /// Binds every tensor of the language model and its heads; a missing, surplus or misshapen one is an error.
  ///
  /// - Parameters:
  ///   - store: The checkpoint; names of the language model begin with `esm.` unless it was saved without heads.
  ///   - configuration: Its sizes.
  ///   - task: Its labels. A head that `architectures` promises must exist.
  ///   - isFoldingModel: Whether a folding trunk follows the language model; it is ignored.
  ///   - precision: The number format of the language model's products; the heads are float32.
  /// - Throws: An error that names the tensor.
  package init(
    _ store: WeightStore, configuration: LanguageModelConfiguration, task: TaskConfiguration, isFoldingModel: Bool,
    precision: Precision = .float32
  ) throws(WeightError) {
    let root = WeightScope(store)
    let prefix = root.contains("embeddings.word_embeddings.weight") ? "" : "esm."
    let w = prefix.isEmpty ? root : root["esm"]
    func has(_ scope: WeightScope, _ name: String, _ architectures: String...) -> Bool {
      scope.contains(name) || task.architectures.contains(where: architectures.contains)
    }
    languageModel = try LanguageModel(w, configuration: configuration, precision: precision)
    self.task = task
    contactHead =
      w.contains("contact_head.regression.weight")
      ? try ContactHead(w["contact_head"], configuration: configuration) : nil
    pooler = w.contains("pooler.dense.weight") ? try Pooler(w["pooler"], configuration: configuration) : nil
    // In a folding model this name is a layer of the trunk, without `dense`.
    maskedLanguageHead =
      has(root["lm_head"], "dense.weight", "EsmForMaskedLM")
      ? try MaskedLanguageHead(root["lm_head"], encoder: w, configuration: configuration) : nil
    let classifier = root["classifier"]
    self.classifier =
      has(classifier, "weight", "EsmForSequenceClassification", "EsmForTokenClassification")
        || classifier.contains("out_proj.weight")
      ? try Classifier(classifier, labels: task.labels.count, configuration: configuration) : nil
    try store.checkAllRead(ignoring: Self.unused(prefix) + (isFoldingModel ? Self.folding : []))
  }

  /// Buffers, and positions of the kind that the model does not use.
  private static func unused(_ prefix: String) -> [String] {
    (["embeddings.position_ids", "embeddings.position_embeddings.weight"] + RotaryEmbedding.tensorNames).map {
      prefix + $0
    }
  }

  /// Everything of a folding model that is not its language model.
  private static let folding = [
    "af2_to_esm", "esm_s_combine", "esm_s_mlp.*", "embedding.*", "trunk.*", "lddt_head.*", "distogram_head.*",
    "ptm_head.*", "lm_head.weight", "lm_head.bias",
  ]

  /// What a reading leaves, all sequences side by side: T rows in all, those of each in the batch's `rows`.
  package struct Output: Sendable {
    /// [T, C] by index.
    package var states: [Int: Tensor<2>] = [:]
    /// [T, vocabulary].
    package var logits: Tensor<2>?
    /// Probabilities [t − 2, t − 2] of each sequence.
    package var contacts: [Tensor<2>] = []
    /// [layers, heads · t · t] of each sequence.
    package var attentions: [Tensor<2>] = []
    /// [n, C].
    package var pooled: Tensor<2>?
    /// [n, labels], or [T, labels] of a classifier of tokens.
    package var classification: Tensor<2>?
  }

  /// Reads a batch.
  ///
  /// - Parameters:
  ///   - batch: Sequences of at least one token and at most `languageModel.maximumTokens`, all ids in the vocabulary;
  ///     states have no contacts, and positions are those of the model.
  ///   - wanted: What to leave; layers count from 0, and the heads that are asked for must be there.
  ///   - discardsPages: Whether each layer's pages are given back once it has run.
  ///   - threads: The threads to use.
  /// - Returns: What was wanted.
  package func read(_ batch: TokenBatch, _ wanted: ESM.Wanted, discardsPages: Bool, threads: Threads) -> Output {
    let work = LanguageModelWorkspace(
      tokens: batch.count, longest: batch.longest, configuration: configuration, precision: languageModel.precision,
      threads: threads)
    var output = Output()
    let maps = MapReader(batch, configuration, wanted.contacts ? contactHead : nil, keeps: wanted.attentions)
    let visitMaps = { (layer: Int, sequence: Int, values: Tensor<3>) in
      maps.take(values, layer: layer, sequence: sequence, threads: threads)
    }
    languageModel.run(
      batch, work: work, threads: threads, discardsPages: discardsPages,
      visitMaps: wanted.contacts || wanted.attentions ? visitMaps : nil
    ) { index, state in
      if wanted.layers.contains(index) { output.states[index] = state.copied() }
      guard index == configuration.layers else { return }
      if wanted.logits { output.logits = maskedLanguageHead?(state, work: work, threads: threads) }
      if wanted.pooled { output.pooled = pooler?(state, sequences: batch.rows, work: work, threads: threads) }
      if wanted.classification {
        output.classification = classifier?(state, sequences: batch.rows, work: work, threads: threads)
      }
    }
    output.attentions = maps.kept
    output.contacts = maps.finishedContacts()
    return output
  }
}

/// What is computed from the attention weights while the layers run.
private struct MapReader {
  /// What the contact head sees of the tokens.
  private let sequences: [[Int]]
  private let head: ContactHead?
  private let sums: [Tensor<2>]
  /// Attention weights of each sequence; empty when not wanted.
  let kept: [Tensor<2>]

  init(_ batch: TokenBatch, _ configuration: LanguageModelConfiguration, _ head: ContactHead?, keeps: Bool) {
    sequences = batch.inputs.map(\.tokensWithContacts)
    self.head = head
    sums = head == nil ? [] : batch.rows.map { Tensor(zeros: [max(0, $0.count - 2), max(0, $0.count - 2)]) }
    kept =
      keeps
      ? batch.rows.map { Tensor([configuration.layers, configuration.heads * $0.count * $0.count]) } : []
  }

  func take(_ maps: Tensor<3>, layer: Int, sequence: Int, threads: Threads) {
    if !kept.isEmpty {
      let target = kept[sequence]
      Rows(target).rows(layer..<layer + 1).copy(Rows(maps.viewed(as: [1, maps.count] as [2 of Int])))
    }
    head?.add(maps, layer: layer, tokens: sequences[sequence], to: sums[sequence], threads: threads)
  }

  func finishedContacts() -> [Tensor<2>] {
    for sum in sums { head?.finish(sum) }
    return sums
  }
}

extension SequenceInput {
  /// The tokens, with an end in place of each that nothing attends to: the contact head leaves out either.
  fileprivate var tokensWithContacts: [Int] {
    guard let isHidden, !tokens.isEmpty else { return tokens }
    return zip(tokens, isHidden).map { $1 ? ContactHead.endToken : $0 }
  }
}

extension Tensor where rank == 2 {
  /// A copy of the values in its own memory.
  fileprivate func copied() -> Tensor<2> {
    let copy = Tensor<2>(shape)
    Rows(copy).copy(Rows(self))
    return copy
  }
}
