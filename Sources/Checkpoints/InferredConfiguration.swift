// The config.json of a checkpoint that has none: every number is inferred from the shapes of its tensors. Meta's files
// describe themselves in Python objects, which are not interpreted here; what shapes do not show is the same in all of
// them.

import Protein
import Weights

/// What the shapes of a checkpoint say about its model.
struct InferredConfiguration {
  private let shapes: [String: [Int]]
  private let statedHeads: Int?

  /// - Parameters:
  ///   - tensors: All tensors under the names of transformers.
  ///   - statedHeads: The number of attention heads according to the file.
  init(_ tensors: [SourceTensor], statedHeads: Int?) {
    shapes = Dictionary(tensors.map { ($0.name, $0.entry.shape) }, uniquingKeysWith: { first, _ in first })
    self.statedHeads = statedHeads
  }

  /// The text of the configuration. Throws when a shape that must be known is missing.
  func text(path: String) throws(WeightError) -> String {
    let isFolding = shapes["esm_s_combine"] != nil
    let words = try shape("esm.embeddings.word_embeddings.weight", rank: 2, path)
    let layers = count("esm.encoder.layer")
    guard words[0] == Alphabet.tokens.count, layers > 0 else {
      throw .malformed(
        path: path, what: "language model", found: "\(words[0]) tokens and \(layers) layers",
        expected: "the \(Alphabet.tokens.count) tokens of ESM-2, ESM-1b and ESM-1v, and at least a layer")
    }
    let positions = shapes["esm.embeddings.position_embeddings.weight"]
    var fields: JSONObject = [
      "architectures": .array([.string(isFolding ? "EsmForProteinFolding" : "EsmForMaskedLM")]),
      "emb_layer_norm_before": .bool(shapes["esm.embeddings.layer_norm.weight"] != nil),
      "hidden_act": .string("gelu"),
      "hidden_size": .integer(words[1]),
      "intermediate_size": .integer(try shape("esm.encoder.layer.0.intermediate.dense.weight", rank: 2, path)[0]),
      "is_folding_model": .bool(isFolding),
      "layer_norm_eps": .number(1e-5),
      "mask_token_id": .integer(Alphabet.maskID),
      "max_position_embeddings": .integer(positions?.first ?? 1026),
      "model_type": .string("esm"),
      "num_attention_heads": .integer(try heads(width: words[1], layers: layers, path)),
      "num_hidden_layers": .integer(layers),
      "pad_token_id": .integer(Alphabet.padID),
      "position_embedding_type": .string(positions == nil ? "rotary" : "absolute"),
      "token_dropout": .bool(true),
      "vocab_list": .array(Alphabet.tokens.map { .string($0) }),
      "vocab_size": .integer(words[0]),
    ]
    if isFolding { fields.append("esmfold_config", .object(try folding(path))) }
    return JSONValue.object(fields).text
  }

  /// For rotary models it follows from the frequencies, for others from the contact head, else only the file's own
  /// settings state it.
  private func heads(width: Int, layers: Int, _ path: String) throws(WeightError) -> Int {
    var heads = statedHeads
    if let frequencies = shapes["esm.encoder.layer.0.attention.self.rotary_embeddings.inv_freq"]?.first {
      heads = frequencies > 0 ? width / (2 * frequencies) : nil
    } else if let maps = shapes["esm.contact_head.regression.weight"]?.last {
      heads = maps / layers
    }
    guard let heads, heads > 0 else {
      throw .malformed(
        path: path, what: "number of attention heads", found: "nothing that tells it",
        expected: "a config.json with num_attention_heads beside the file")
    }
    return heads
  }

  // MARK: The trunk

  private func folding(_ path: String) throws(WeightError) -> JSONObject {
    let block = "trunk.blocks.0"
    let single = try shape("trunk.trunk2sm_s.weight", rank: 2, path)
    let pair = try shape("trunk.trunk2sm_z.weight", rank: 2, path)
    let singleHeads = try shape("\(block).pair_to_sequence.linear.weight", rank: 2, path)[0]
    let pairHeads = try shape("\(block).tri_att_start.linear.weight", rank: 2, path)[0]
    let bins = try shape("trunk.pairwise_positional_embedding.embedding.weight", rank: 2, path)[0]
    guard singleHeads > 0, pairHeads > 0, bins >= 4 else {
      throw .malformed(
        path: path, what: block, found: "\(singleHeads) and \(pairHeads) heads, \(bins) bins", expected: "more")
    }
    let trunk: JSONObject = [
      "max_recycles": .integer(4),
      "num_blocks": .integer(count("trunk.blocks")),
      "pairwise_head_width": .integer(pair[1] / pairHeads),
      "pairwise_state_dim": .integer(pair[1]),
      "position_bins": .integer(bins / 2 - 1),
      "sequence_head_width": .integer(single[1] / singleHeads),
      "sequence_state_dim": .integer(single[1]),
      "structure_module": .object(try structureModule(single: single[0], pair: pair[0], path)),
    ]
    return [
      "embed_aa": .bool(shapes["embedding.weight"] != nil),
      "esm_type": .string("esm2_3B"),
      "fp16_esm": .bool(false),
      "lddt_head_hid_dim": .integer(try shape("lddt_head.1.weight", rank: 2, path)[0]),
      "trunk": .object(trunk),
    ]
  }

  private func structureModule(single: Int, pair: Int, _ path: String) throws(WeightError) -> JSONObject {
    let place = "trunk.structure_module"
    let heads = try shape("\(place).ipa.head_weights", rank: 1, path)[0]
    let queries = try shape("\(place).ipa.linear_q.weight", rank: 2, path)[0]
    let queryPoints = try shape("\(place).ipa.linear_q_points.weight", rank: 2, path)[0]
    let points = try shape("\(place).ipa.linear_kv_points.weight", rank: 2, path)[0]
    guard heads > 0 else {
      throw .malformed(path: path, what: "\(place).ipa", found: "\(heads) heads", expected: "at least one")
    }
    return [
      "ipa_dim": .integer(queries / heads),
      "num_heads_ipa": .integer(heads),
      "num_qk_points": .integer(queryPoints / (3 * heads)),
      "num_resnet_blocks": .integer(count("\(place).angle_resnet.layers")),
      "num_transition_layers": .integer(count("\(place).transition.layers")),
      "num_v_points": .integer((points - queryPoints) / (3 * heads)),
      "pairwise_dim": .integer(pair),
      "resnet_dim": .integer(try shape("\(place).angle_resnet.linear_in.weight", rank: 2, path)[0]),
      "sequence_dim": .integer(single),
    ]
  }

  // MARK: Shapes

  private func shape(_ name: String, rank: Int, _ path: String) throws(WeightError) -> [Int] {
    guard let shape = shapes[name] else { throw .missing(tensor: name, path: path) }
    guard shape.count == rank else {
      throw .malformed(path: path, what: name, found: "rank \(shape.count)", expected: "\(rank)")
    }
    return shape
  }

  /// The number of modules in a list: one more than the largest index after its name.
  private func count(_ list: String) -> Int {
    var largest = -1
    for name in shapes.keys where name.hasPrefix(list + ".") {
      let number = name.dropFirst(list.utf8.count + 1).prefix { $0 != "." }
      largest = max(largest, Int(number).map { min($0, shapes.count) } ?? -1)
    }
    return largest + 1
  }
}
