// The language model as a library user sees it.

import Checkpoints
import ESM2
import Tensors
import Weights

/// A loaded language model of the ESM family: ESM-2, ESM-1b, ESM-1v, fine-tuned or not, or the one inside a folding model.
/// Safe to share between threads; each call has its own memory.
///
///     let model = try ESM(.resolve("esm2_t33_650M_UR50D", cacheFolder: folder), threads: 2)
///     let tokens = model.tokenizer.encode("MKTVRQERLKSIVRILERSKEPVSGAQLAEELS")
///     let reading = try model.read([tokens], ESM.Wanted(layers: [model.description.layers]))[0]
///     let vector = reading.residues(ofLayer: model.description.layers)?.mean
public final class ESM: Sendable {
  /// The model's name in the cache.
  public let modelName: String
  /// SHA-256 of its configuration and tensors, in hexadecimal digits: what identifies it in results.
  public let modelDigest: String
  /// The number format of the products: the requested one, or fp32 if the processor has no faster one.
  public let precision: ESMFold.Precision
  /// How sequences become tokens.
  public let tokenizer: Tokenizer
  /// What the model is and which heads it has.
  public let description: Summary
  /// What may be worth knowing of this model.
  public let remarks: [ModelRemark]

  let model: EncoderModel
  private let threads: Threads
  /// The file of the weights; `nil` for the model inside the program.
  private let file: MappedFile?
  /// Whether a layer releases its pages when it has run.
  private let discardsPages: Bool

  /// Loads a model. Nothing is imported: downloaded weights must be in the cache, where
  /// ``ModelLocation/importIfNeeded(for:willImport:progress:)`` brings them.
  ///
  /// - Parameters:
  ///   - location: Which model.
  ///   - threads: How many threads read, at least 1; fewer where the system gives no more.
  ///   - precision: The number format of the products in the language model; heads are float32.
  /// - Throws: `ModelError`.
  public init(_ location: ModelLocation, threads: Int, precision: ESMFold.Precision = .fp32) throws(ModelError) {
    self.precision = precision.supported
    let store = try location.open()
    (model, tokenizer) = try EncoderModel.load(store, precision: self.precision.format)
    modelName = store.modelName
    modelDigest = store.digest
    description = Summary(model)
    file = store.file
    self.threads = .starting(threads)
    remarks = [.onPrecision(precision), .onThreads(threads, self.threads)].compactMap(\.self)
    discardsPages = Self.discardsPages(store)
  }

  /// Weights that stay in memory are read fastest, and the system counts them against the process. Up to the size that
  /// the model has in float16 (and a little more for buffers) they stay; beyond it, as in a float32 file, each layer
  /// releases its pages when it has run, and finds them in the page cache the next time.
  private static func discardsPages(_ store: WeightStore) -> Bool {
    store.byteCount > 2 * store.parameterCount + 256 << 20
  }

  /// Bytes of weights that are in memory at once while it reads.
  static func residentWeights(_ store: WeightStore) -> Int {
    guard discardsPages(store) else { return store.byteCount }
    return store.sizes.reduce(0) { sum, tensor in
      let isLayer = tensor.name.contains("encoder.layer.")
      return sum + (isLayer && !tensor.name.contains("encoder.layer.0.") ? pagesAround : tensor.bytes)
    }
  }

  /// Of a tensor whose pages were released, those remain that it shares with its neighbours, and a few more that the
  /// system maps around each page that is read (measured).
  private static let pagesAround = 16 << 10

  /// Tokens that are best read together: from here on the model is busy multiplying, not reading weights.
  public static let tokensReadTogether = 1024

  /// The index of a state, counted from the end when negative: −1 is the last layer.
  ///
  /// - Parameter layer: −(layers + 1) to layers.
  /// - Returns: 0 to layers.
  /// - Throws: `ModelError.layer`.
  public func layerIndex(_ layer: Int) throws(ModelError) -> Int {
    let layers = description.layers
    guard (-layers - 1...layers).contains(layer) else { throw .layer(layer, layers: layers) }
    return layer < 0 ? layer + layers + 1 : layer
  }

  /// Reads sequences of tokens side by side, without padding; each gets the same bits as if it were alone.
  ///
  /// - Parameters:
  ///   - sequences: Token ids, `<cls>` and `<eos>` included where they are wanted; together not much more than
  ///     `tokensReadTogether`.
  ///   - wanted: What to compute of each.
  /// - Returns: A reading for each sequence.
  /// - Throws: `ModelError` when a sequence is empty or too long for the model, an id is not in the vocabulary, the model
  ///   lacks a head, the memory does not suffice, or the file of the weights has changed since the model was loaded.
  public func read(_ sequences: [[Int]], _ wanted: Wanted) throws(ModelError) -> [Reading] {
    try read(inputs: sequences.map { Input(tokens: $0) }, wanted)
  }

  /// Reads inputs side by side, without padding; each gets the same bits as if it were alone.
  ///
  /// - Parameters:
  ///   - inputs: Tokens or embeddings, with positions and masks where these are not the usual ones; together not much
  ///     longer than `tokensReadTogether`.
  ///   - wanted: What to compute of each; embeddings have no contacts.
  /// - Returns: A reading for each input.
  /// - Throws: `ModelError` as above, and where a part of an input does not fit the model or the other parts.
  public func read(inputs: [Input], _ wanted: Wanted) throws(ModelError) -> [Reading] {
    var wanted = wanted
    wanted.layers = Set(try wanted.layers.map(layerIndex)).sorted()
    try checkHeads(wanted)
    for input in inputs { try check(input, wanted) }
    guard !inputs.isEmpty else { return [] }
    try ModelError.checkUnchanged(file)
    try checkMemory(inputs, wanted)
    let batch = TokenBatch(inputs: inputs.map(SequenceInput.init))
    let output = model.read(batch, wanted, discardsPages: discardsPages, threads: threads)
    try ModelError.checkUnchanged(file)
    return batch.inputs.indices.map { reading(of: batch.inputs[$0], $0, rows: batch.rows[$0], output) }
  }

  /// The embeddings of tokens as they are stored, [tokens, hidden size] (transformers: `get_input_embeddings`). State 0
  /// differs from them by token dropout, positions and norm.
  ///
  /// - Parameter tokens: Token ids.
  /// - Returns: [tokens, hidden size].
  /// - Throws: `ModelError.token` for an id outside the vocabulary.
  public func wordEmbeddings(of tokens: [Int]) throws(ModelError) -> Matrix {
    try checkVocabulary(tokens)
    return Matrix(model.languageModel.wordEmbeddings(of: tokens), rows: 0..<tokens.count)
  }

  /// Checks, before any work is done, that the model can compute what is wanted.
  ///
  /// - Parameter wanted: What shall be read; layers do not matter.
  /// - Throws: `ModelError.missingHead` unless the model has every head that this takes.
  public func checkHeads(_ wanted: Wanted) throws(ModelError) {
    let heads = [
      (wanted.logits, description.hasMaskedLanguageHead, "masked-language head (lm_head.*)"),
      (wanted.contacts, description.hasContactHead, "contact head (contact_head.*)"),
      (wanted.pooled, description.hasPooler, "pooler (pooler.*)"),
      (
        wanted.classification, description.hasSequenceClassifier || description.hasTokenClassifier,
        "classifier (classifier.*)"
      ),
    ]
    for (isWanted, isThere, name) in heads where isWanted && !isThere {
      throw .missingHead(model: modelName, head: name)
    }
  }

  func checkVocabulary(_ tokens: [Int]) throws(ModelError) {
    guard let other = tokens.first(where: { $0 < 0 || $0 >= description.vocabularySize }) else { return }
    throw .token(id: other, vocabularySize: description.vocabularySize)
  }

  private func checkMemory(_ inputs: [Input], _ wanted: Wanted) throws(ModelError) {
    let lengths = inputs.map(\.count)
    var needed = model.bytes(lengths: lengths, wanted, threads: threads)
    // Copies of embeddings, and of the keys and values that are attended to.
    for input in inputs {
      let rows = (input.tokens == nil ? 1 : 0) + (input.attentionMask == nil ? 0 : 2)
      needed = needed.map { $0 + rows * input.count * description.hiddenSize * MemoryLayout<Float>.stride }
    }
    let available = SystemInfo.availableMemory
    guard let needed = needed.map(MemoryPlan.withMargin), needed <= available else {
      throw .batchMemory(
        tokens: lengths.reduce(0, +), needed: needed.map(MemoryPlan.withMargin) ?? Int.max, available: available)
    }
  }

  private func reading(
    of input: SequenceInput, _ index: Int, rows: Range<Int>, _ output: EncoderModel.Output
  ) -> Reading {
    let tokens = input.tokens
    var attentions: AttentionMaps?
    if !output.attentions.isEmpty {
      attentions = AttentionMaps(
        layers: description.layers, heads: description.heads, tokens: input.count,
        values: output.attentions[index].values)
    }
    var classification: Classification?
    if let logits = output.classification {
      let isPerToken = description.hasTokenClassifier
      classification = Classification(
        problem: isPerToken ? .singleLabel : model.task.problem, isPerToken: isPerToken,
        labels: description.labels, logits: Matrix(logits, rows: isPerToken ? rows : index..<index + 1))
    }
    let start = tokens.first == tokenizer.cls ? 1 : 0
    let end = tokens.last == tokenizer.eos ? max(start, tokens.count - 1) : input.count
    return Reading(
      tokens: tokens, residueRows: start..<end, representations: output.states.mapValues { Matrix($0, rows: rows) },
      logits: output.logits.map { Matrix($0, rows: rows) },
      contacts: output.contacts.isEmpty
        ? nil : Matrix(output.contacts[index], rows: 0..<output.contacts[index].shape[0]),
      attentions: attentions, pooled: output.pooled.map { Matrix($0, rows: index..<index + 1).values },
      classification: classification)
  }
}

extension ESM.Summary {
  fileprivate init(_ model: EncoderModel) {
    let configuration = model.configuration
    layers = configuration.layers
    hiddenSize = configuration.hiddenSize
    heads = configuration.heads
    vocabularySize = configuration.vocabularySize
    maximumTokens = model.languageModel.maximumTokens
    hasMaskedLanguageHead = model.maskedLanguageHead != nil
    hasContactHead = model.contactHead != nil
    hasPooler = model.pooler != nil
    hasSequenceClassifier = model.classifier?.subject == .sequence
    hasTokenClassifier = model.classifier?.subject == .token
    labels = model.classifier == nil ? [] : model.task.labels
    problem = model.classifier?.subject == .sequence ? model.task.statedProblem : nil
  }
}

extension Matrix {
  /// A copy of some rows.
  init(_ tensor: Tensor<2>, rows: Range<Int>) {
    let columns = tensor.shape[1]
    let part = tensor.viewed(as: [rows.count, columns] as [2 of Int], from: rows.lowerBound * columns)
    self.init(rows: rows.count, columns: columns, values: part.values)
  }
}
