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
    var memory = Allocation()
    self.init(tokens, longest, configuration, precision, threads, &memory)
  }

  /// Bytes that a workspace takes.
  package static func bytes(
    tokens: Int, longest: Int, configuration: LanguageModelConfiguration, precision: Precision, threads: Threads
  ) -> Int {
    Allocation.countedBytes { _ = LanguageModelWorkspace(tokens, longest, configuration, precision, threads, &$0) }
  }

  private init(
    _ t: Int, _ longest: Int, _ configuration: LanguageModelConfiguration, _ precision: Precision, _ threads: Threads,
    _ memory: inout Allocation
  ) {
    let c = configuration.hiddenSize, inner = configuration.intermediateSize
    h = memory.tensor([t, c])
    x = memory.tensor([t, c])
    qkv = memory.tensor([t, 3 * c])
    hidden = memory.tensor([t, inner])
    let head = Attention.scratchFloats(keys: longest, width: configuration.headWidth, precision: precision)
    scratch = memory.scratch(
      threads, floats: max(Linear.scratchFloats, head),
      // The rounded input of the widest layer.
      shared: precision == .float32 ? 0 : precision.floats(t, max(c, inner)))
  }
}
