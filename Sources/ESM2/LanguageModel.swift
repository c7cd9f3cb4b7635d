// The ESM language model: embeddings, transformer layers, final norm (transformers: EsmModel).

package import Tensors
package import Weights

/// An ESM encoder (ESM-2, ESM-1b, ESM-1v by its configuration), immutable after loading.
package struct LanguageModel: Sendable {
  package let configuration: LanguageModelConfiguration
  /// The number format of the products.
  package let precision: Precision
  private let embeddings: TokenEmbeddings
  private let rotary: RotaryEmbedding?
  private let layers: [TransformerLayer]
  private let finalNorm: LayerNorm

  /// Binds the weights under a scope such as `esm`.
  package init(
    _ w: WeightScope, configuration: LanguageModelConfiguration, precision: Precision = .float32
  ) throws(WeightError) {
    self.configuration = configuration
    self.precision = precision
    embeddings = try TokenEmbeddings(w["embeddings"], configuration: configuration)
    rotary = configuration.positions == .rotary ? try RotaryEmbedding(w, configuration: configuration) : nil
    let encoder = w["encoder"]
    var layers: [TransformerLayer] = []
    for index in 0..<configuration.layers {
      layers.append(try TransformerLayer(encoder["layer"][index], configuration: configuration, precision: precision))
    }
    self.layers = layers
    finalNorm = try LayerNorm(
      encoder["emb_layer_norm_after"], configuration.hiddenSize, epsilon: configuration.layerNormEpsilon)
  }

  /// The longest token sequence that the model can read, or `nil` when its positions are unbounded.
  package var maximumTokens: Int? { embeddings.maximumTokens }

  /// The embeddings of tokens as they are stored, [T, C], before dropout, positions and norm.
  package func wordEmbeddings(of tokens: [Int]) -> Tensor<2> { embeddings.words(of: tokens) }

  /// Runs the model on a batch and passes on each hidden state as it is completed; none is kept.
  ///
  /// State 0 is the embedding, state i the output of layer i, and the last one has passed the final norm, as in the
  /// reference's `hidden_states`. The tensor is reused for the next state.
  ///
  /// - Parameters:
  ///   - batch: T tokens in all, each sequence at most `maximumTokens` unless it has positions of its own, which are
  ///     rows of the table of learned positions.
  ///   - work: Buffers for the batch.
  ///   - threads: The threads to use.
  ///   - discardsPages: Whether each layer's pages are released once it has run.
  ///   - visitMaps: If given, called for each layer (from 0) and each sequence with its attention weights
  ///     [heads, t, t], which may be overwritten and are reused. The states are bit-identical with and without it.
  ///   - visit: Called `layers + 1` times with the state's index and its values [T, C].
  package func run(
    _ batch: TokenBatch, work: borrowing LanguageModelWorkspace, threads: Threads, discardsPages: Bool = false,
    visitMaps: ((_ layer: Int, _ sequence: Int, _ maps: Tensor<3>) -> Void)? = nil,
    visit: (_ index: Int, _ state: Tensor<2>) -> Void
  ) {
    let h = work.h  // [T, C]
    for (input, rows) in zip(batch.inputs, batch.rows) { embeddings.embed(input, into: Rows(h).rows(rows)) }
    visit(0, h)
    // Space for the maps of the longest sequence, [heads, t, t].
    let buffer = Tensor<1>([visitMaps == nil ? 0 : configuration.heads * batch.longest * batch.longest])
    let tables = rotary?.tables(positions: batch.rotaryPositions)  // [T, d / 2] each
    let sequences = batch.attended
    for (index, layer) in layers.enumerated() {
      layer.update(h, sequences: sequences, rotary: tables, work: work, threads: threads)
      if discardsPages { layer.discardPages() }
      if let visitMaps {
        for (number, sequence) in sequences.enumerated() {
          let count = sequence.rows.count
          let maps = buffer.viewed(as: [configuration.heads, count, count] as [3 of Int])
          layer.maps(into: maps, sequence: sequence, isRotary: rotary != nil, work: work, threads: threads)
          visitMaps(index, number, maps)
        }
      }
      if index == layers.count - 1 {
        finalNorm(h, into: h, threads: threads)
      }
      visit(index + 1, h)
    }
  }
}
