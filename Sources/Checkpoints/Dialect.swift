// The names of tensors in files, and how they become those of today's transformers, which the models use.

/// The naming scheme of a checkpoint.
enum Dialect: Equatable {
  /// Hugging Face transformers, of any age.
  case transformers
  /// A language model of Meta's own package, fair-esm: ESM-2, ESM-1b or ESM-1v.
  case fairESM
  /// Meta's ESMFold: the trunk under the same names as in transformers, with a language model only if the whole model
  /// was saved.
  case fairESMFold

  /// The dialect of a checkpoint with these names.
  init(of names: some Sequence<String>) {
    let names = Set(names)
    if names.contains(where: { Self.withoutPrefix($0) == "embed_tokens.weight" }) {
      self = .fairESM
    } else if names.contains("esm_s_combine"), !names.contains("esm.embeddings.word_embeddings.weight") {
      self = .fairESMFold
    } else {
      self = .transformers
    }
  }

  /// The models' name of a tensor.
  enum Name: Equatable {
    case known(String)
    /// Not used, neither by Meta's loader nor here.
    case unused
    /// Of a model outside this family.
    case foreign
  }

  /// The models' name of the tensor `name`.
  func name(of name: String) -> Name {
    switch self {
    case .transformers: return .known(TensorName.canonical(name))
    case .fairESM: return Self.languageModelName(Self.withoutPrefix(name))
    case .fairESMFold:
      guard name.hasPrefix("esm.") else { return Self.isOfTrunk(name) ? .known(name) : .unused }
      // The head of the language model is not part of a folding model.
      return name.hasPrefix("esm.lm_head.") ? .unused : Self.languageModelName(String(name.dropFirst("esm.".count)))
    }
  }

  // MARK: fair-esm

  /// Prefixes that training puts before the names of a language model, longest first.
  private static let prefixes = ["encoder.sentence_encoder.", "sentence_encoder.", "encoder."]

  private static func withoutPrefix(_ name: String) -> String {
    for prefix in prefixes where name.hasPrefix(prefix) { return String(name.dropFirst(prefix.utf8.count)) }
    return name
  }

  /// Names of fair-esm without prefix, and those of transformers; what ends with a dot stands for all that begins with it,
  /// `#` is the number of a layer.
  private static let table = [
    ("embed_tokens.weight", "esm.embeddings.word_embeddings.weight"),
    ("embed_positions.weight", "esm.embeddings.position_embeddings.weight"),
    ("emb_layer_norm_before.", "esm.embeddings.layer_norm."),
    ("layers.#.self_attn.q_proj.", "esm.encoder.layer.#.attention.self.query."),
    ("layers.#.self_attn.k_proj.", "esm.encoder.layer.#.attention.self.key."),
    ("layers.#.self_attn.v_proj.", "esm.encoder.layer.#.attention.self.value."),
    ("layers.#.self_attn.rot_emb.inv_freq", "esm.encoder.layer.#.attention.self.rotary_embeddings.inv_freq"),
    ("layers.#.self_attn.out_proj.", "esm.encoder.layer.#.attention.output.dense."),
    ("layers.#.self_attn_layer_norm.", "esm.encoder.layer.#.attention.LayerNorm."),
    ("layers.#.fc1.", "esm.encoder.layer.#.intermediate.dense."),
    ("layers.#.fc2.", "esm.encoder.layer.#.output.dense."),
    ("layers.#.final_layer_norm.", "esm.encoder.layer.#.LayerNorm."),
    ("emb_layer_norm_after.", "esm.encoder.emb_layer_norm_after."),
    ("lm_head.dense.", "lm_head.dense."),
    ("lm_head.layer_norm.", "lm_head.layer_norm."),
    ("lm_head.weight", "lm_head.decoder.weight"),
    ("lm_head.bias", "lm_head.bias"),
    ("contact_head.regression.", "esm.contact_head.regression."),
  ]

  private static func languageModelName(_ name: String) -> Name {
    let (pattern, layer) = withoutLayer(name)
    for (old, new) in table {
      guard old.hasSuffix(".") ? pattern.hasPrefix(old) : pattern == old else { continue }
      let full = new + pattern.dropFirst(old.utf8.count)
      guard let layer, let place = full.firstIndex(of: "#") else { return .known(full) }
      return .known(String(full[..<place]) + layer + String(full[full.index(after: place)...]))
    }
    return .foreign
  }

  /// `layers.7.fc1.weight` as `layers.#.fc1.weight` and `7`.
  private static func withoutLayer(_ name: String) -> (pattern: String, layer: String?) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 2, parts[0] == "layers", let number = Int(parts[1]), number >= 0, "\(number)" == parts[1] else {
      return (name, nil)
    }
    return ((["layers", "#"] + parts[2...]).joined(separator: "."), String(parts[1]))
  }

  // MARK: Meta's ESMFold

  /// Everything of a folding model but its language model. Meta's files hold a few more tensors, which its loader
  /// ignores, and so does the import.
  private static let trunk = [
    "esm_s_combine", "af2_to_esm", "esm_s_mlp.", "embedding.", "trunk.pairwise_positional_embedding.", "trunk.blocks.",
    "trunk.recycle_s_norm.", "trunk.recycle_z_norm.", "trunk.recycle_disto.", "trunk.trunk2sm_s.", "trunk.trunk2sm_z.",
    "trunk.structure_module.layer_norm_s.", "trunk.structure_module.layer_norm_z.", "trunk.structure_module.linear_in.",
    "trunk.structure_module.ipa.", "trunk.structure_module.layer_norm_ipa.", "trunk.structure_module.transition.",
    "trunk.structure_module.bb_update.", "trunk.structure_module.angle_resnet.", "distogram_head.", "ptm_head.",
    "lm_head.", "lddt_head.",
  ]

  private static func isOfTrunk(_ name: String) -> Bool {
    trunk.contains { $0.hasSuffix(".") ? name.hasPrefix($0) : name == $0 }
  }
}
