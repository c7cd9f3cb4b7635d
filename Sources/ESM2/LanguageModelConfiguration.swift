// The language model's sizes and switches, decoded from the keys of a Hugging Face config.json (EsmConfig).

package import Weights

/// Sizes and switches of an ESM language model.
///
/// Keys and defaults are those of transformers' `EsmConfig`; a key that is missing or null takes its default.
package struct LanguageModelConfiguration: Sendable, Equatable {
  /// How positions enter the model.
  package enum Positions: String, Sendable {
    /// A learned vector per position, added to the embeddings (ESM-1b, ESM-1v).
    case absolute
    /// Rotation of queries and keys (ESM-2).
    case rotary
  }

  package var vocabularySize: Int
  package var hiddenSize: Int
  package var layers: Int
  package var heads: Int
  package var intermediateSize: Int
  package var maximumPositions: Int
  package var layerNormEpsilon: Float
  package var positions: Positions
  package var ropeTheta: Float
  package var normalizesEmbeddings: Bool
  package var dropsTokens: Bool
  package var padTokenID: Int?
  package var maskTokenID: Int?
  /// Whether the masked-language head uses the word embeddings when the checkpoint has no decoder weight.
  package var tiesWordEmbeddings: Bool

  /// Width of one attention head.
  package var headWidth: Int { hiddenSize / heads }
}

extension LanguageModelConfiguration {
  /// Decodes the fields at the root of a config.json.
  ///
  /// - Parameter fields: The root.
  /// - Throws: The first field that is missing or not supported.
  package init(_ fields: ConfigurationFields) throws(ConfigurationError) {
    guard try fields.integer("vocab_size") != nil else { throw .missing(field: "vocab_size") }
    vocabularySize = try fields.integer("vocab_size", default: 0)
    hiddenSize = try fields.integer("hidden_size", default: 768)
    layers = try fields.integer("num_hidden_layers", default: 12)
    heads = try fields.integer("num_attention_heads", default: 12)
    intermediateSize = try fields.integer("intermediate_size", default: 3072)
    maximumPositions = try fields.integer("max_position_embeddings", default: 1026)
    layerNormEpsilon = try fields.number("layer_norm_eps", default: 1e-12)
    let type = try fields.string("position_embedding_type") ?? Positions.absolute.rawValue
    guard let positions = Positions(rawValue: type) else {
      throw .unsupported(
        field: "position_embedding_type", found: "\"\(type)\"", expected: "\"absolute\" or \"rotary\"")
    }
    self.positions = positions
    ropeTheta = try fields.number("rope_theta", default: 10_000)
    normalizesEmbeddings = try fields.boolean("emb_layer_norm_before", default: false)
    dropsTokens = try fields.boolean("token_dropout", default: false)
    padTokenID = try fields.integer("pad_token_id")
    maskTokenID = try fields.integer("mask_token_id")
    tiesWordEmbeddings = try fields.boolean("tie_word_embeddings", default: true)
    try Self.refuseOthers(fields)
    try validate()
    try validate(fields)
  }

  /// Refuses settings that change the numbers and are not implemented. Dropout, `initializer_range`, `use_cache` etc.
  /// have no effect on inference.
  private static func refuseOthers(_ fields: ConfigurationFields) throws(ConfigurationError) {
    try fields.refuse("is_decoder", because: "only encoders are supported")
    try fields.refuse("add_cross_attention", because: "only encoders are supported")
    try fields.refusePresence("rope_scaling", because: "the family has plain rotary positions")
    // The reference computes the exact GELU whatever this field says.
    let activation = try fields.string("hidden_act") ?? "gelu"
    guard activation == "gelu" else {
      throw .unsupported(field: "hidden_act", found: "\"\(activation)\"", expected: "\"gelu\"")
    }
  }

  private func validate(_ fields: ConfigurationFields) throws(ConfigurationError) {
    if let width = try fields.integer("head_dim") {
      try ConfigurationError.require("head_dim", width, in: headWidth...headWidth)
    }
    for (name, id) in [("pad_token_id", padTokenID), ("mask_token_id", maskTokenID)] {
      if let id { try ConfigurationError.require(name, id, in: 0...vocabularySize - 1) }
    }
    if dropsTokens, maskTokenID == nil { throw .missing(field: "mask_token_id") }
  }

  private func validate() throws(ConfigurationError) {
    guard hiddenSize % heads == 0 else {
      throw .unsupported(
        field: "hidden_size", found: "\(hiddenSize)", expected: "a multiple of num_attention_heads = \(heads)")
    }
    guard positions == .absolute || headWidth % 2 == 0 else {
      throw .unsupported(
        field: "hidden_size", found: "heads of width \(headWidth)", expected: "an even width for rotary positions")
    }
    if positions == .absolute {
      // Learned positions count from the padding id; the reference cannot number them without one.
      guard let padTokenID else { throw .missing(field: "pad_token_id") }
      try ConfigurationError.require("pad_token_id", padTokenID, in: 0...max(0, maximumPositions - 2))
    }
    guard ropeTheta > 0 else {
      throw .unsupported(field: "rope_theta", found: "\(ropeTheta)", expected: "more than 0")
    }
    guard layerNormEpsilon >= 0 else {
      throw .unsupported(field: "layer_norm_eps", found: "\(layerNormEpsilon)", expected: "0 or more")
    }
  }
}
