// Names of tensors: those that the models use, and those of older files.

/// Rules that turn the names in files into those of today's Hugging Face models.
package enum TensorName {
  /// Old ending, new ending. Files that were converted from TensorFlow, or saved in its spirit, call a layer norm's gain
  /// gamma and its offset beta; transformers renames exactly these endings when it loads a file. Its version 5 keeps one
  /// set of rotary frequencies, but saves it with an asterisk for the layer's number.
  private static let endings = [
    (old: "LayerNorm.gamma", new: "LayerNorm.weight"),
    (old: "LayerNorm.beta", new: "LayerNorm.bias"),
    (old: "encoder.layer.*.attention.self.rotary_embeddings.inv_freq", new: "rotary_embeddings.inv_freq"),
  ]

  /// The name under which a tensor is kept in the cache.
  package static func canonical(_ name: String) -> String {
    for (old, new) in endings where name.hasSuffix(old) { return name.dropLast(old.utf8.count) + new }
    return name
  }

  /// Whether a tensor holds rotary frequencies: a buffer, not parameters, of which the last digits count. Files of
  /// transformers 4 and of fair-esm repeat them in every layer, those of version 5 have them once.
  package static func isRotaryFrequencies(_ name: String) -> Bool { name.hasSuffix("inv_freq") }
}
