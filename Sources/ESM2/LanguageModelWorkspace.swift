// Every activation buffer of a language-model run, by name and shape.

package import Tensors

/// Buffers for one sequence of `tokens` tokens; allocated once, used by every layer.
package struct LanguageModelWorkspace: ~Copyable {
  /// The residual stream, [T, C].
  let h: Tensor<2>
  /// Normalised states, then attention output, [T, C].
  let x: Tensor<2>
  /// Queries, keys and values side by side, [T, 3C].
  let qkv: Tensor<2>
  /// The feed-forward layer's inside, [T, intermediate].
  let hidden: Tensor<2>
  /// One weight panel, or one head's attention, per thread.
  let scratch: Scratch

  package init(tokens: Int, configuration: LanguageModelConfiguration, threads: Threads) {
    let c = configuration.hiddenSize
    h = Tensor([tokens, c])
    x = Tensor([tokens, c])
    qkv = Tensor([tokens, 3 * c])
    hidden = Tensor([tokens, configuration.intermediateSize])
    scratch = Scratch(
      workers: threads.count, floats: Self.scratchFloats(tokens: tokens, configuration: configuration))
  }

  /// Bytes that a workspace takes.
  package static func bytes(tokens: Int, configuration: LanguageModelConfiguration, threads: Threads) -> Int {
    let perToken = 5 * configuration.hiddenSize + configuration.intermediateSize
    let scratch = scratchFloats(tokens: tokens, configuration: configuration)
    return (tokens * perToken + threads.count * scratch) * MemoryLayout<Float>.stride
  }

  private static func scratchFloats(tokens: Int, configuration: LanguageModelConfiguration) -> Int {
    max(Linear.scratchFloats, Attention.scratchFloats(keys: tokens, width: configuration.headWidth))
  }
}
