// The folding head's numbers, decoded from `esmfold_config` of a Hugging Face config.json.

package import Weights

/// Everything behind the language model (transformers: EsmFoldConfig).
package struct FoldingConfiguration: Sendable, Equatable {
  package var trunk: TrunkConfiguration
  /// Width of the hidden layers of the pLDDT head.
  package var lddtHeadWidth: Int
  /// Whether the residue types are embedded beside the language model's states.
  package var embedsResidues: Bool
  /// Whether the language model's states are replaced by zeros.
  package var ablatesSequence: Bool

  /// The configuration that an absent `esmfold_config` stands for: that of esmfold_v1.
  package static let standard = FoldingConfiguration(
    trunk: .standard, lddtHeadWidth: 128, embedsResidues: true, ablatesSequence: false)
}

/// The folding trunk (transformers: TrunkConfig).
package struct TrunkConfiguration: Sendable, Equatable {
  package var blocks = 48
  /// c_s and the width of its attention heads.
  package var sequenceWidth = 1024, sequenceHeadWidth = 32
  /// c_z and the width of its attention heads.
  package var pairWidth = 128, pairHeadWidth = 32
  /// Relative positions are clamped to ±positionBins.
  package var positionBins = 32
  /// Passes when no number of recycles is asked for.
  package var defaultPasses = 4
  package var structureModule = StructureModuleConfiguration.standard

  /// Attention heads over the sequence.
  package var sequenceHeads: Int { sequenceWidth / sequenceHeadWidth }
  /// Attention heads over pairs.
  package var pairHeads: Int { pairWidth / pairHeadWidth }

  package static let standard = TrunkConfiguration()
}

/// The structure module (transformers: StructureModuleConfig).
package struct StructureModuleConfiguration: Sendable, Equatable {
  package var sequenceWidth = 384
  package var pairWidth = 128
  /// Width of an attention head's scalar queries, keys and values.
  package var headWidth = 16
  package var heads = 12
  /// Query and value points per head.
  package var queryPoints = 4, valuePoints = 8
  package var blocks = 8
  package var transitionLayers = 1
  package var resnetWidth = 128
  package var resnetBlocks = 2
  /// Å per unit of the module's inner coordinates.
  package var translationScale: Float = 10
  package var epsilon: Float = 1e-8

  package static let standard = StructureModuleConfiguration()
}

extension FoldingConfiguration: Decodable {
  private enum Key: String, CodingKey {
    case trunk, lddt_head_hid_dim, embed_aa, esm_ablate_sequence, bypass_lm, use_esm_attn_map
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    trunk = try fields.decodeIfPresent(TrunkConfiguration.self, forKey: .trunk) ?? .standard
    lddtHeadWidth = try fields.decodeIfPresent(Int.self, forKey: .lddt_head_hid_dim) ?? 128
    embedsResidues = try fields.decodeIfPresent(Bool.self, forKey: .embed_aa) ?? true
    ablatesSequence = try fields.decodeIfPresent(Bool.self, forKey: .esm_ablate_sequence) ?? false
    // The reference refuses the first and fails on the second.
    for key in [Key.use_esm_attn_map, .bypass_lm] where try fields.decodeIfPresent(Bool.self, forKey: key) == true {
      throw ConfigurationError.unsupported(
        field: "esmfold_config.\(key.rawValue)", found: "true", expected: "false, as in the reference")
    }
    try ConfigurationError.require("esmfold_config.lddt_head_hid_dim", lddtHeadWidth)
  }
}

extension TrunkConfiguration: Decodable {
  private enum Key: String, CodingKey {
    case num_blocks, sequence_state_dim, sequence_head_width, pairwise_state_dim, pairwise_head_width, position_bins
    case max_recycles, structure_module
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    func read(_ key: Key, _ value: inout Int, atLeast least: Int = 1) throws {
      value = try fields.decodeIfPresent(Int.self, forKey: key) ?? value
      try ConfigurationError.require(
        "esmfold_config.trunk.\(key.rawValue)", value, in: least...ConfigurationError.largestExtent)
    }
    try read(.num_blocks, &blocks)
    try read(.sequence_state_dim, &sequenceWidth)
    try read(.sequence_head_width, &sequenceHeadWidth)
    try read(.pairwise_state_dim, &pairWidth)
    try read(.pairwise_head_width, &pairHeadWidth)
    try read(.position_bins, &positionBins)
    try read(.max_recycles, &defaultPasses, atLeast: 0)
    structureModule =
      try fields.decodeIfPresent(StructureModuleConfiguration.self, forKey: .structure_module) ?? .standard
    for (field, width, factor, name) in [
      ("sequence_state_dim", sequenceWidth, sequenceHeadWidth, "sequence_head_width"),
      ("pairwise_state_dim", pairWidth, pairHeadWidth, "pairwise_head_width"), ("pairwise_state_dim", pairWidth, 2, "2"),
    ] where width % factor != 0 {
      throw ConfigurationError.unsupported(
        field: "esmfold_config.trunk.\(field)", found: "\(width)",
        expected: "a multiple of \(name == "2" ? name : "\(name) = \(factor)")")
    }
  }
}

extension StructureModuleConfiguration: Decodable {
  private enum Key: String, CodingKey {
    case sequence_dim, pairwise_dim, ipa_dim, num_heads_ipa, num_qk_points, num_v_points, num_blocks
    case num_transition_layers, resnet_dim, num_resnet_blocks, num_angles, trans_scale_factor, epsilon
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    func read(_ key: Key, _ value: inout Int, atLeast least: Int = 1) throws {
      value = try fields.decodeIfPresent(Int.self, forKey: key) ?? value
      try ConfigurationError.require(
        "esmfold_config.trunk.structure_module.\(key.rawValue)", value, in: least...ConfigurationError.largestExtent)
    }
    try read(.sequence_dim, &sequenceWidth)
    try read(.pairwise_dim, &pairWidth)
    try read(.ipa_dim, &headWidth)
    try read(.num_heads_ipa, &heads)
    try read(.num_qk_points, &queryPoints)
    try read(.num_v_points, &valuePoints)
    try read(.num_blocks, &blocks)
    try read(.num_transition_layers, &transitionLayers, atLeast: 0)
    try read(.resnet_dim, &resnetWidth)
    try read(.num_resnet_blocks, &resnetBlocks, atLeast: 0)
    translationScale = try fields.decodeIfPresent(Float.self, forKey: .trans_scale_factor) ?? translationScale
    epsilon = try fields.decodeIfPresent(Float.self, forKey: .epsilon) ?? epsilon
    // Seven torsion angles turn eight rigid groups; no other number has a meaning.
    let angles = try fields.decodeIfPresent(Int.self, forKey: .num_angles) ?? 7
    guard angles == 7 else {
      throw ConfigurationError.unsupported(
        field: "esmfold_config.trunk.structure_module.num_angles", found: "\(angles)", expected: "7")
    }
  }
}
