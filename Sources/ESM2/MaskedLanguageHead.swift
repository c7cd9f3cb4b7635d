// From states back to tokens (transformers: EsmLMHead).

package import Tensors
package import Weights

/// logits = norm(gelu(dense(state))) · decoderᵀ + bias, in float32.
package struct MaskedLanguageHead: Sendable {
  private let dense: Linear, norm: LayerNorm, decoder: Linear
  private let configuration: LanguageModelConfiguration

  /// Binds `lm_head`.
  ///
  /// - Parameters:
  ///   - w: The scope of the head.
  ///   - encoder: The scope of the language model, for the word embeddings of a tied head.
  ///   - configuration: Its sizes.
  /// - Throws: An error that names the missing or misshapen tensor.
  package init(
    _ w: WeightScope, encoder: WeightScope, configuration: LanguageModelConfiguration
  ) throws(WeightError) {
    let c = configuration.hiddenSize, size = configuration.vocabularySize
    self.configuration = configuration
    dense = try Linear(w["dense"], c, c)
    norm = try LayerNorm(w["layer_norm"], c, epsilon: configuration.layerNormEpsilon)
    let bias: Tensor<1> = try w.tensor("bias", [size])
    // A weight in the file takes precedence over `tie_word_embeddings`, as in the reference; usually both agree.
    let isTied = configuration.tiesWordEmbeddings && !w.contains("decoder.weight")
    decoder =
      isTied
      ? try Linear(encoder["embeddings"], "word_embeddings.weight", c, size, bias: bias)
      : try Linear(w, "decoder.weight", c, size, bias: bias)
  }

  /// Logits [T, vocabulary] of the last states [T, C].
  package func callAsFunction(
    _ states: Tensor<2>, work: borrowing LanguageModelWorkspace, threads: Threads
  ) -> Tensor<2> {
    let logits = Tensor<2>([states.shape[0], configuration.vocabularySize])  // [T, vocabulary]
    let inner = work.x  // [T, C]
    dense(states, into: inner, activation: .gelu, scratch: work.scratch, threads: threads)
    norm(inner, into: inner, threads: threads)
    decoder(inner, into: logits, scratch: work.scratch, threads: threads)
    return logits
  }
}
