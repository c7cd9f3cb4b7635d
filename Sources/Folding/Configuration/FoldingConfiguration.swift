// `esmfold_config` of config.json.

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
  /// Whether the reference would compute the language model in float16; this program always uses float32.
  package var halvesLanguageModel: Bool
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
    halvesLanguageModel = try fields.boolean("fp16_esm", default: true)
    try fields.refuse("use_esm_attn_map", because: "no published model has it, nor has the reference")
    try fields.refuse("bypass_lm", because: "the reference cannot run it either")
  }
}
