// The activation buffers of a language-model run, by name and shape.

package import Tensors

/// Buffers for a batch of `tokens` tokens, `longest` of them in one sequence; allocated once, used by every layer.
package struct LanguageModelWorkspace: ~Copyable {
  /// The residual stream, [T, C].
  let h: Tensor<2>
  /// Normalised states, then attention output, [T, C].
  let x: Tensor<2>
  /// Queries, keys and values side by side, [T, 3C].
  let qkv: Tensor<2>
  /// The feed-forward layer's hidden units, [T, intermediate].
  let hidden: Tensor<2>
  /// One weight panel, or one head's attention, per thread.
  let scratch: Scratch

  package init(
    tokens: Int, longest: Int, configuration: LanguageModelConfiguration, precision: Precision, threads: Threads
  ) {
    let c = configuration.hiddenSize
    h = Tensor([tokens, c])
    x = Tensor([tokens, c])
    qkv = Tensor([tokens, 3 * c])
    hidden = Tensor([tokens, configuration.intermediateSize])
    scratch = Scratch(
      workers: threads.count, floats: Self.scratchFloats(longest, configuration, precision),
      shared: Self.sharedFloats(tokens, configuration, precision))
  }

  /// Bytes that a workspace takes.
  package static func bytes(
    tokens: Int, longest: Int, configuration: LanguageModelConfiguration, precision: Precision, threads: Threads
  ) -> Int {
    let activations = tokens * (5 * configuration.hiddenSize + configuration.intermediateSize)
    let scratch = threads.count * scratchFloats(longest, configuration, precision)
    return (activations + scratch + sharedFloats(tokens, configuration, precision)) * MemoryLayout<Float>.stride
  }

  private static func scratchFloats(
    _ longest: Int, _ configuration: LanguageModelConfiguration, _ precision: Precision
  ) -> Int {
    max(
      Linear.scratchFloats,
      Attention.scratchFloats(keys: longest, width: configuration.headWidth, precision: precision))
  }

  /// Space for the rounded input of the widest layer.
  private static func sharedFloats(
    _ tokens: Int, _ configuration: LanguageModelConfiguration, _ precision: Precision
  ) -> Int {
    precision == .float32
      ? 0 : precision.floats(tokens, max(configuration.hiddenSize, configuration.intermediateSize))
  }
}
