// `esmfold_config.trunk` of config.json.

import Weights

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
