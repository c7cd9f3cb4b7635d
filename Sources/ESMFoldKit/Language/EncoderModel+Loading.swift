// Binding a language model to a checkpoint of any kind, and the memory that reading needs.

import ESM2
package import Tensors
package import Weights

extension EncoderModel {
  /// Loads the language model of a checkpoint, which may be part of a folding model.
  ///
  /// - Parameters:
  ///   - store: The checkpoint.
  ///   - precision: The number format of the language model's products.
  /// - Returns: The model and its tokenizer.
  /// - Throws: `ModelError`.
  package static func load(
    _ store: WeightStore, precision: Precision = .float32
  ) throws(ModelError) -> (EncoderModel, Tokenizer) {
    let configuration = try EncoderConfiguration(of: store)
    do throws(WeightError) {
      let model = try EncoderModel(
        store, configuration: configuration.languageModel, task: configuration.task,
        isFoldingModel: configuration.isFoldingModel, precision: precision)
      return (model, configuration.tokenizer)
    } catch {
      throw .weights(error)
    }
  }

  /// Bytes that reading sequences of these lengths allocates, or `nil` on overflow.
  package func bytes(lengths: [Int], _ wanted: ESM.Wanted, threads: Threads) -> Int? {
    let tokens = lengths.reduce(0, +), longest = lengths.max() ?? 0
    // Far beyond any memory, and far from overflow.
    guard tokens < 1 << 24, longest < 1 << 18 else { return nil }
    let c = configuration.hiddenSize
    var floats = wanted.layers.count * tokens * c
    if wanted.logits { floats += tokens * configuration.vocabularySize }
    if wanted.contacts || wanted.attentions { floats += configuration.heads * longest * longest }
    for length in lengths {
      if wanted.contacts { floats += length * length }
      if wanted.attentions { floats += configuration.layers * configuration.heads * length * length }
    }
    let work = LanguageModelWorkspace.bytes(
      tokens: tokens, longest: longest, configuration: configuration, precision: languageModel.precision,
      threads: threads)
    // Results are copied once, for the caller.
    return work + 2 * floats * MemoryLayout<Float>.stride
  }
}
