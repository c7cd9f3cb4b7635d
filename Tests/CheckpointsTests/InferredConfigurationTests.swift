// Everything inferred from the shapes of Meta's files, and the names that their tensors get, in every layer.

import Checkpoints
import Glibc
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct InferredConfigurationTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func configuration(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: Array(try ModelSource(path).configuration().utf8), path: path)
  }

  /// What all of Meta's language models have in common, and what is specific to these (null removes a field).
  private func fields(_ own: String) throws -> JSONValue {
    let common = """
      {"hidden_act": "gelu", "layer_norm_eps": 1e-05, "mask_token_id": 32, "max_position_embeddings": 1026,
      "model_type": "esm", "pad_token_id": 1, "token_dropout": true, "vocab_size": 33, "vocab_list": ["<cls>", "<pad>",
      "<eos>", "<unk>", "L", "A", "G", "V", "S", "E", "R", "T", "I", "D", "P", "K", "Q", "N", "F", "Y", "M", "H", "W", "C",
      "X", "B", "U", "Z", "O", ".", "-", "<null_1>", "<mask>"]}
      """
    guard case .object(let base) = try JSONValue(parsing: Array(common.utf8), path: "common"),
      case .object(let more) = try JSONValue(parsing: Array(own.utf8), path: "own")
    else { return .null }
    var result: [String: JSONValue] = [:]
    for member in base.members + more.members { result[member.key] = member.value }
    return sorted(result)
  }

  private func sorted(_ members: [String: JSONValue]) -> JSONValue {
    var object = JSONObject()
    for (key, value) in members.sorted(by: { $0.key < $1.key }) { object.append(key, value) }
    return .object(object)
  }

  private func sorted(_ value: JSONValue) -> JSONValue {
    guard case .object(let object) = value else { return value }
    return sorted(Dictionary(object.members.map { ($0.key, $0.value) }) { first, _ in first })
  }

  @Test(
    "Every field of the three kinds of language models",
    arguments: [
      (
        "esm2_tiny",
        """
        {"architectures": ["EsmForMaskedLM"], "emb_layer_norm_before": false, "hidden_size": 12, "intermediate_size": 48,
        "is_folding_model": false, "num_attention_heads": 2, "num_hidden_layers": 2, "position_embedding_type": "rotary"}
        """
      ),
      (
        "esm1b_tiny",
        """
        {"architectures": ["EsmForMaskedLM"], "emb_layer_norm_before": true, "hidden_size": 12, "intermediate_size": 20,
        "is_folding_model": false, "num_attention_heads": 3, "num_hidden_layers": 2, "max_position_embeddings": 42,
        "position_embedding_type": "absolute"}
        """
      ),
      (
        "esm1v_tiny",
        """
        {"architectures": ["EsmForMaskedLM"], "emb_layer_norm_before": false, "hidden_size": 12, "intermediate_size": 20,
        "is_folding_model": false, "num_attention_heads": 3, "num_hidden_layers": 2, "max_position_embeddings": 42,
        "position_embedding_type": "absolute"}
        """
      ),
    ]) func languageModels(_ name: String, _ own: String) throws
  {
    #expect(try sorted(configuration(Fixtures.path("torch/fair-esm/\(name).pt"))) == fields(own))
  }

  /// The numbers with which Scripts/torch-fixtures.py made the model, no two of a kind equal.
  @Test("Every field of a folding model") func folding() throws {
    let own = """
      {"architectures": ["EsmForProteinFolding"], "emb_layer_norm_before": false, "hidden_size": 12, "intermediate_size": 48,
      "is_folding_model": true, "num_attention_heads": 2, "num_hidden_layers": 2, "position_embedding_type": "rotary",
      "esmfold_config": {"embed_aa": true, "esm_type": "esm2_3B", "fp16_esm": false, "lddt_head_hid_dim": 6, "trunk":
      {"max_recycles": 4, "num_blocks": 2, "pairwise_head_width": 4, "pairwise_state_dim": 8, "position_bins": 7,
      "sequence_head_width": 4, "sequence_state_dim": 12, "structure_module": {"ipa_dim": 3, "num_heads_ipa": 2,
      "num_qk_points": 3, "num_resnet_blocks": 3, "num_transition_layers": 2, "num_v_points": 5, "pairwise_dim": 6,
      "resnet_dim": 9, "sequence_dim": 10}}}}
      """
    #expect(try sorted(configuration(Fixtures.path("torch/esmfold"))) == fields(own))
  }

  // MARK: Names

  /// fair-esm's names and the current ones, as facebookresearch/esm and transformers define their modules.
  private static func names(layers: Int) -> [(old: String, new: String)] {
    var names = [
      ("embed_tokens.weight", "esm.embeddings.word_embeddings.weight"),
      ("embed_positions.weight", "esm.embeddings.position_embeddings.weight"),
      ("emb_layer_norm_before.weight", "esm.embeddings.layer_norm.weight"),
      ("emb_layer_norm_before.bias", "esm.embeddings.layer_norm.bias"),
      ("emb_layer_norm_after.weight", "esm.encoder.emb_layer_norm_after.weight"),
      ("emb_layer_norm_after.bias", "esm.encoder.emb_layer_norm_after.bias"),
      ("lm_head.weight", "lm_head.decoder.weight"), ("lm_head.bias", "lm_head.bias"),
      ("lm_head.dense.weight", "lm_head.dense.weight"), ("lm_head.dense.bias", "lm_head.dense.bias"),
      ("lm_head.layer_norm.weight", "lm_head.layer_norm.weight"),
      ("lm_head.layer_norm.bias", "lm_head.layer_norm.bias"),
      ("contact_head.regression.weight", "esm.contact_head.regression.weight"),
      ("contact_head.regression.bias", "esm.contact_head.regression.bias"),
    ]
    let modules = [
      ("self_attn.q_proj", "attention.self.query"), ("self_attn.k_proj", "attention.self.key"),
      ("self_attn.v_proj", "attention.self.value"), ("self_attn.out_proj", "attention.output.dense"),
      ("self_attn_layer_norm", "attention.LayerNorm"), ("fc1", "intermediate.dense"), ("fc2", "output.dense"),
      ("final_layer_norm", "LayerNorm"),
    ]
    for layer in 0..<layers {
      for (old, new) in modules {
        for part in ["weight", "bias"] {
          names.append(("layers.\(layer).\(old).\(part)", "esm.encoder.layer.\(layer).\(new).\(part)"))
        }
      }
      let frequencies = "attention.self.rotary_embeddings.inv_freq"
      names.append(("layers.\(layer).self_attn.rot_emb.inv_freq", "esm.encoder.layer.\(layer).\(frequencies)"))
    }
    return names
  }

  /// A checkpoint whose tensors hold their indexes in the list.
  private func write(_ names: [String]) throws {
    let tensors = names.enumerated().map { TorchTensor($1, "LongStorage", key: "\($0)", [1], [$0]) }
    try folder.write("x.pt", torchFile(tensors))
    try folder.write("config.json", "{}")
  }

  /// The index that each tensor of the file holds after the import.
  private func imported() throws -> [String: Int] {
    let contents = try ModelSource(folder("x.pt")).contents()
    var result: [String: Int] = [:]
    for tensor in contents.tensors {
      let bytes = contents.files[tensor.file].file.bytes[tensor.entry.range]
      result[tensor.name] = bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    return result
  }

  @Test(
    "Every tensor of every layer gets its name, whatever prefix training has given it",
    arguments: ["", "encoder.", "sentence_encoder.", "encoder.sentence_encoder."])
  func tensorNames(_ prefix: String) throws {
    // More than a hundred layers: no model has that many, but no digit may be lost.
    let names = Self.names(layers: 103)
    try write(names.map { ($0.old.hasPrefix("lm_head") && !prefix.isEmpty ? "encoder." : prefix) + $0.old })
    let expected = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1.new, $0) })
    #expect(try imported() == expected)
  }

  @Test("In ESMFold's file the names of the language model begin with esm., and there are no heads") func foldingNames()
    throws
  {
    let languageModel = Self.names(layers: 37).filter {
      !$0.old.hasPrefix("lm_head") && !$0.old.hasPrefix("contact_head")
    }
    let trunk = [
      "esm_s_combine", "af2_to_esm", "esm_s_mlp.0.weight", "embedding.weight",
      "trunk.pairwise_positional_embedding.embedding.weight", "trunk.blocks.47.tri_mul_out.linear_z.bias",
      "trunk.recycle_s_norm.weight", "trunk.recycle_z_norm.bias", "trunk.recycle_disto.weight",
      "trunk.trunk2sm_s.weight",
      "trunk.trunk2sm_z.bias", "trunk.structure_module.layer_norm_s.weight",
      "trunk.structure_module.layer_norm_z.weight", "trunk.structure_module.linear_in.bias",
      "trunk.structure_module.ipa.head_weights", "trunk.structure_module.layer_norm_ipa.weight",
      "trunk.structure_module.transition.layers.0.linear_1.weight", "trunk.structure_module.bb_update.linear.weight",
      "trunk.structure_module.angle_resnet.layers.1.linear_1.bias", "distogram_head.weight", "ptm_head.bias",
      "lm_head.weight", "lddt_head.3.weight",
    ]
    let unused = [
      "esm.lm_head.weight", "esm.lm_head.dense.bias", "trunk.structure_module.default_frames", "trunk.unused",
      "trunk.structure_module.group_idx", "af2_to_esm.x", "positional_encoding._float_tensor", "x",
    ]
    try write(languageModel.map { "esm.\($0.old)" } + trunk + unused)
    var expected = Dictionary(uniqueKeysWithValues: languageModel.enumerated().map { ($1.new, $0) })
    for (number, name) in trunk.enumerated() { expected[name] = languageModel.count + number }
    #expect(try imported() == expected)
  }

  @Test(
    "A tensor that does not belong to the family is refused by name",
    arguments: [
      "layers.0.fc3.weight", "layers.00.fc1.weight", "layers.-1.fc1.weight", "layers.x.fc1.weight", "layers.0",
      "fc1.weight",
      "embed_tokens.bias", "lm_head.weight.x", "embed_tokens.weight.x", "msa_position_embedding", "layers.0.fc1",
    ]) func foreign(_ name: String) throws
  {
    try write(["embed_tokens.weight", name])
    let error = failure { () throws(WeightError) in try ModelSource(folder("x.pt")).contents() }
    #expect(
      error?.description.contains("found the tensor \"\(name)\", which ESM-2, ESM-1b and ESM-1v do not have") == true)
  }

  @Test("The same name in two spellings is refused") func twice() throws {
    for names in [
      ["encoder.embed_tokens.weight", "sentence_encoder.embed_tokens.weight"],
      ["a.LayerNorm.gamma", "a.LayerNorm.weight"],
    ] {
      try write(names)
      let error = failure { () throws(WeightError) in try ModelSource(folder("x.pt")).contents() }
      guard case .malformed(_, "tensor name", let found, "every tensor once")? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(found.hasSuffix(" twice"))
    }
  }

  // MARK: Required information

  private func shaped(_ shapes: [(String, [Int])]) -> [TorchTensor] {
    shapes.enumerated().map { number, entry in
      TorchTensor(
        entry.0, "FloatStorage", key: "\(number)", entry.1, [Float](repeating: 0.5, count: entry.1.reduce(1, *)))
    }
  }

  private static let language: [(String, [Int])] =
    [
      ("embed_tokens.weight", [33, 6]), ("layers.0.fc1.weight", [24, 6]), ("layers.11.fc2.bias", [6]),
      ("layers.2.fc2.bias", [6]), ("layers.0.self_attn.rot_emb.inv_freq", [1]),
      ("contact_head.regression.weight", [1, 24]),
    ] + (0..<12).map { ("layers.\($0).fc1.bias", [24]) }

  private func inferred(_ shapes: [(String, [Int])]) throws -> Result<JSONValue, WeightError> {
    try folder.write("y.pt", torchFile(shaped(shapes)))
    return Result { () throws(WeightError) in
      let text = try ModelSource(folder("y.pt")).configuration()
      return try JSONValue(parsing: Array(text.utf8), path: "y")
    }
  }

  private func changed(_ name: String, _ shape: [Int]?) -> [(String, [Int])] {
    Self.language.filter { $0.0 != name } + (shape.map { [(name, $0)] } ?? [])
  }

  @Test("Layers are counted by their numbers; heads from frequencies first, then from contacts") func heads() throws {
    func heads(_ shapes: [(String, [Int])]) throws -> JSONValue? {
      guard case .object(let fields) = try inferred(shapes).get() else { return nil }
      #expect(fields["num_hidden_layers"] == .integer(12))
      return fields["num_attention_heads"]
    }
    let frequencies = "layers.0.self_attn.rot_emb.inv_freq"
    #expect(try heads(Self.language) == .integer(3))
    #expect(try heads(changed(frequencies, [3])) == .integer(1))
    #expect(try heads(changed(frequencies, nil)) == .integer(2))
    // No list has more modules than the file has tensors: a false number counts for no more.
    let far = Self.language + [("layers.\(Int.max).fc2.bias", [6])]
    guard case .object(let fields) = try inferred(far).get() else { return }
    #expect(fields["num_hidden_layers"] == .integer(far.count + 1))
  }

  @Test("What cannot be inferred is an error that names it") func unknown() throws {
    let frequencies = "layers.0.self_attn.rot_emb.inv_freq", contacts = "contact_head.regression.weight"
    for (shapes, words) in [
      (
        changed("embed_tokens.weight", [32, 6]), "language model: found 32 tokens and 12 layers, expected the 33 tokens"
      ),
      (changed("embed_tokens.weight", [198]), "esm.embeddings.word_embeddings.weight: found rank 1, expected 2"),
      ([Self.language[0]], "language model: found 33 tokens and 0 layers"),
      (changed("layers.0.fc1.weight", nil), "esm.encoder.layer.0.intermediate.dense.weight: found no such tensor"),
      (changed("layers.0.fc1.weight", [24]), "esm.encoder.layer.0.intermediate.dense.weight: found rank 1, expected 2"),
      (changed(frequencies, [0]), "number of attention heads: found nothing that tells it"),
      (changed(frequencies, [4]), "number of attention heads: found nothing that tells it"),
      (
        changed(frequencies, nil).filter { $0.0 != contacts },
        "number of attention heads: found nothing that tells it, expected a config.json"
      ),
    ] {
      guard case .failure(let error) = try inferred(shapes) else {
        Issue.record("\(words)")
        continue
      }
      #expect(error.description.contains(words), "\(error)")
    }
  }
}
