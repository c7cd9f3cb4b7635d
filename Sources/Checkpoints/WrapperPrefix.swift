// What programs that train a model put before the names of all its tensors.

/// The names of a checkpoint's tensors begin with the places of the model in the program that saved it.
package enum WrapperPrefix {
  /// DistributedDataParallel; LightningModule with the usual name of its model; torch.compile; DeepSpeed in Lightning.
  private static let components = ["module.", "model.", "_orig_mod.", "_forward_module."]

  /// Each model of the family has one of these: a language model its embedding, Meta's file of a trunk its weights of
  /// states. Transformers, then fair-esm.
  private static let anchors: Set<String> = [
    "esm.embeddings.word_embeddings.weight", "embeddings.word_embeddings.weight", "esm_s_combine",
    "embed_tokens.weight",
    "encoder.embed_tokens.weight", "sentence_encoder.embed_tokens.weight",
    "encoder.sentence_encoder.embed_tokens.weight", "esm.embed_tokens.weight",
  ]

  /// What stands before the names of a model's tensors; empty when nothing does, or when there are several models.
  ///
  /// What does not begin with it keeps its name: a head beside the model is one of its tensors, anything else a surplus
  /// one, which strict loading names.
  package static func of(_ names: some Sequence<String>) -> String {
    var found: Set<String> = []
    for name in names {
      var rest = name[...]
      while let component = components.first(where: rest.hasPrefix) { rest = rest.dropFirst(component.utf8.count) }
      if anchors.contains(String(rest)) { found.insert(String(name[..<rest.startIndex])) }
    }
    return found.count == 1 ? found.first ?? "" : ""
  }
}
