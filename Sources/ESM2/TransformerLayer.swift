// One layer of the language model (transformers: EsmLayer): attention and feed-forward, each normalised first.

package import Tensors
package import Weights

/// h += attention(norm(h)); h += feedForward(norm(h)).
package struct TransformerLayer: Sendable {
  private let attentionNorm: LayerNorm, attention: SelfAttention
  private let feedForwardNorm: LayerNorm, intermediate: Linear, output: Linear

  package init(
    _ w: WeightScope, configuration: LanguageModelConfiguration, precision: Precision
  ) throws(WeightError) {
    let c = configuration.hiddenSize, epsilon = configuration.layerNormEpsilon
    attentionNorm = try LayerNorm(w["attention"]["LayerNorm"], c, epsilon: epsilon)
    attention = try SelfAttention(w["attention"], configuration: configuration, precision: precision)
    feedForwardNorm = try LayerNorm(w["LayerNorm"], c, epsilon: epsilon)
    intermediate = try Linear(w["intermediate"]["dense"], c, configuration.intermediateSize, precision: precision)
    output = try Linear(w["output"]["dense"], configuration.intermediateSize, c, precision: precision)
  }

  /// Updates the residual stream h [T, C] of sequences; rotary tables: [T, d / 2].
  package func update(
    _ h: Tensor<2>, sequences: [SequenceRows], rotary: (cosines: Tensor<2>, sines: Tensor<2>)?,
    work: borrowing LanguageModelWorkspace, threads: Threads
  ) {
    attentionNorm(h, into: work.x, threads: threads)  // [T, C]
    attention.add(work.x, to: h, sequences: sequences, rotary: rotary, work: work, threads: threads)

    feedForwardNorm(h, into: work.x, threads: threads)
    intermediate(work.x, into: work.hidden, activation: .gelu, scratch: work.scratch, threads: threads)  // [T, inner]
    output(work.hidden, into: h, adding: true, scratch: work.scratch, threads: threads)
  }

  /// The attention weights [heads, T, T] of one sequence in the last update with `work`.
  func maps(
    into maps: Tensor<3>, sequence: SequenceRows, isRotary: Bool, work: borrowing LanguageModelWorkspace,
    threads: Threads
  ) {
    attention.maps(into: maps, sequence: sequence, isRotary: isRotary, work: work, threads: threads)
  }

  /// Releases the pages of this layer's weights until they are next read.
  func discardPages() {
    attention.discardPages()
    intermediate.discardPages()
    output.discardPages()
  }
}
