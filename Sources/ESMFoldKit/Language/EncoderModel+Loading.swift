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
    Self.bytes(configuration, languageModel.precision, lengths: lengths, wanted, threads: threads)
  }

  /// The same for a model of this configuration, which need not be loaded.
  static func bytes(
    _ configuration: LanguageModelConfiguration, _ precision: Precision, lengths: [Int], _ wanted: ESM.Wanted,
    threads: Threads
  ) -> Int? {
    // Far beyond any memory, and far from overflow.
    guard lengths.allSatisfy({ $0 < 1 << 18 }) else { return nil }
    let tokens = lengths.reduce(0, +), longest = lengths.max() ?? 0
    guard tokens < 1 << 24 else { return nil }
    let c = configuration.hiddenSize
    // The attention weights of one layer and sequence at a time.
    let maps = wanted.contacts || wanted.attentions ? configuration.heads * longest * longest : 0
    var floats = wanted.layers.count * tokens * c
    if wanted.logits { floats += tokens * configuration.vocabularySize }
    for length in lengths {
      if wanted.contacts { floats += length * length }
      if wanted.attentions { floats += configuration.layers * configuration.heads * length * length }
    }
    let work = LanguageModelWorkspace.bytes(
      tokens: tokens, longest: longest, configuration: configuration, precision: precision,
      threads: threads)
    // Results are copied for the caller, and once more where they are put together for a file.
    return work + (maps + 3 * floats) * MemoryLayout<Float>.stride
  }
}
