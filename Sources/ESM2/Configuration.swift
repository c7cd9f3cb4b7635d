// The language model's numbers, decoded from the keys of a Hugging Face config.json (EsmConfig).

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

  /// Width of one attention head.
  package var headWidth: Int { hiddenSize / heads }
}

extension LanguageModelConfiguration: Decodable {
  private enum Key: String, CodingKey {
    case vocab_size, hidden_size, num_hidden_layers, num_attention_heads, intermediate_size, max_position_embeddings
    case layer_norm_eps, position_embedding_type, rope_theta, rope_parameters, emb_layer_norm_before, token_dropout
    case pad_token_id, mask_token_id, is_decoder, add_cross_attention
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    func integer(_ key: Key, _ fallback: Int) throws -> Int {
      try fields.decodeIfPresent(Int.self, forKey: key) ?? fallback
    }
    guard let vocabularySize = try fields.decodeIfPresent(Int.self, forKey: .vocab_size) else {
      throw ConfigurationError.missing(field: "vocab_size")
    }
    self.vocabularySize = vocabularySize
    hiddenSize = try integer(.hidden_size, 768)
    layers = try integer(.num_hidden_layers, 12)
    heads = try integer(.num_attention_heads, 12)
    intermediateSize = try integer(.intermediate_size, 3072)
    maximumPositions = try integer(.max_position_embeddings, 1026)
    layerNormEpsilon = try fields.decodeIfPresent(Float.self, forKey: .layer_norm_eps) ?? 1e-12
    let type = try fields.decodeIfPresent(String.self, forKey: .position_embedding_type) ?? Positions.absolute.rawValue
    guard let positions = Positions(rawValue: type) else {
      throw ConfigurationError.unsupported(
        field: "position_embedding_type", found: "\"\(type)\"", expected: "\"absolute\" or \"rotary\"")
    }
    self.positions = positions
    ropeTheta = try fields.decodeIfPresent(Float.self, forKey: .rope_theta) ?? 10_000
    normalizesEmbeddings = try fields.decodeIfPresent(Bool.self, forKey: .emb_layer_norm_before) ?? false
    dropsTokens = try fields.decodeIfPresent(Bool.self, forKey: .token_dropout) ?? false
    padTokenID = try fields.decodeIfPresent(Int.self, forKey: .pad_token_id)
    maskTokenID = try fields.decodeIfPresent(Int.self, forKey: .mask_token_id)
    for key in [Key.is_decoder, .add_cross_attention] where try fields.decodeIfPresent(Bool.self, forKey: key) == true {
      throw ConfigurationError.unsupported(
        field: key.rawValue, found: "true", expected: "false: only encoders are supported")
    }
    try validate()
  }

  private func validate() throws(ConfigurationError) {
    for (field, value) in [
      ("vocab_size", vocabularySize), ("hidden_size", hiddenSize), ("num_hidden_layers", layers),
      ("num_attention_heads", heads), ("intermediate_size", intermediateSize),
      ("max_position_embeddings", maximumPositions),
    ] {
      try ConfigurationError.require(field, value, in: 1...ConfigurationError.largestExtent)
    }
    guard hiddenSize % heads == 0 else {
      throw .unsupported(
        field: "hidden_size", found: "\(hiddenSize)", expected: "a multiple of num_attention_heads = \(heads)")
    }
    guard positions == .absolute || headWidth % 2 == 0 else {
      throw .unsupported(
        field: "hidden_size", found: "heads of width \(headWidth)", expected: "an even width for rotary positions")
    }
    guard layerNormEpsilon >= 0, layerNormEpsilon.isFinite else {
      throw .unsupported(field: "layer_norm_eps", found: "\(layerNormEpsilon)", expected: "a small positive number")
    }
  }
}
