// `esmfold_config.trunk.structure_module` of config.json.

import Weights

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
    // Seven torsion angles turn eight rigid groups; no other number is meaningful.
    _ = try fields.integer("num_angles", default: 7, in: 7...7)
  }
}
