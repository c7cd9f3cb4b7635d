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
  /// Whether the reference would compute the language model in float16; this program does so in float32 all the same.
  package var halvesStem: Bool
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
  package var structureModule = StructureModuleConfiguration()

  /// The numbers of esmfold_v1.
  package init() {}

  /// Attention heads over the sequence.
  package var sequenceHeads: Int { sequenceWidth / sequenceHeadWidth }
  /// Attention heads over pairs.
  package var pairHeads: Int { pairWidth / pairHeadWidth }
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

  /// The numbers of esmfold_v1.
  package init() {}
}

extension FoldingConfiguration {
  /// Decodes `esmfold_config`.
  ///
  /// - Parameter fields: The object; without any field it stands for esmfold_v1.
  /// - Throws: The first field that has no meaning for this program.
  package init(_ fields: ConfigurationFields) throws(ConfigurationError) {
    trunk = try TrunkConfiguration(try fields.object("trunk"))
    lddtHeadWidth = try fields.integer("lddt_head_hid_dim", default: 128)
    embedsResidues = try fields.boolean("embed_aa", default: true)
    ablatesSequence = try fields.boolean("esm_ablate_sequence", default: false)
    halvesStem = try fields.boolean("fp16_esm", default: true)
    try fields.refuse("use_esm_attn_map", because: "no published model has it, nor has the reference")
    try fields.refuse("bypass_lm", because: "the reference cannot run it either")
  }
}

extension TrunkConfiguration {
  init(_ fields: ConfigurationFields) throws(ConfigurationError) {
    blocks = try fields.integer("num_blocks", default: blocks)
    sequenceWidth = try fields.integer("sequence_state_dim", default: sequenceWidth)
    sequenceHeadWidth = try fields.integer("sequence_head_width", default: sequenceHeadWidth)
    pairWidth = try fields.integer("pairwise_state_dim", default: pairWidth)
    pairHeadWidth = try fields.integer("pairwise_head_width", default: pairHeadWidth)
    positionBins = try fields.integer("position_bins", default: positionBins)
    defaultPasses = try fields.integer("max_recycles", default: defaultPasses, in: 0...1000)
    structureModule = try StructureModuleConfiguration(try fields.object("structure_module"))
    try requireMultiple(fields, "sequence_state_dim", sequenceWidth, of: sequenceHeadWidth, "sequence_head_width")
    try requireMultiple(fields, "pairwise_state_dim", pairWidth, of: pairHeadWidth, "pairwise_head_width")
    // Half of the pair update's features are products, half differences.
    try requireMultiple(fields, "pairwise_state_dim", pairWidth, of: 2, nil)
  }

  private func requireMultiple(
    _ fields: ConfigurationFields, _ field: String, _ value: Int, of factor: Int, _ name: String?
  ) throws(ConfigurationError) {
    guard value % factor != 0 else { return }
    throw .unsupported(
      field: fields.name(field), found: "\(value)",
      expected: "a multiple of \(name.map { "\($0) = \(factor)" } ?? "\(factor)")")
  }
}

extension StructureModuleConfiguration {
  init(_ fields: ConfigurationFields) throws(ConfigurationError) {
    sequenceWidth = try fields.integer("sequence_dim", default: sequenceWidth)
    pairWidth = try fields.integer("pairwise_dim", default: pairWidth)
    headWidth = try fields.integer("ipa_dim", default: headWidth)
    heads = try fields.integer("num_heads_ipa", default: heads)
    queryPoints = try fields.integer("num_qk_points", default: queryPoints)
    valuePoints = try fields.integer("num_v_points", default: valuePoints)
    blocks = try fields.integer("num_blocks", default: blocks)
    transitionLayers = try fields.integer("num_transition_layers", default: transitionLayers, in: 0...1000)
    resnetWidth = try fields.integer("resnet_dim", default: resnetWidth)
    resnetBlocks = try fields.integer("num_resnet_blocks", default: resnetBlocks, in: 0...1000)
    translationScale = try fields.number("trans_scale_factor", default: translationScale)
    epsilon = try fields.number("epsilon", default: epsilon)
    // Seven torsion angles turn eight rigid groups; no other number has a meaning.
    _ = try fields.integer("num_angles", default: 7, in: 7...7)
  }
}
