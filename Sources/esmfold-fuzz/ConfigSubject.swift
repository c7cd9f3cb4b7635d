// config.json: from text to the configurations of folding and language models.

import ESM2
import ESMFoldKit
import Weights

extension Subject {
  package static let config = Subject(
    name: "config",
    seeds: { files, _ in
      let families = ["esm1b", "esm1v", "esm2", "multi-label", "regression", "single-label", "tokens", "untied"]
      var seeds = try files.contents("fuzz/config", endings: [""])
      for folder in families.map({ "family/\($0)" }) + ["a", "b", "c", "d"].map({ "folding/folding-\($0)" }) {
        seeds += try files.contents(folder, endings: ["config.json"])
      }
      return seeds
    },
    tokens: words(
      """
      model_type esm is_folding_model vocab_size hidden_size num_hidden_layers num_attention_heads intermediate_size \
      max_position_embeddings layer_norm_eps position_embedding_type absolute rotary rope_theta emb_layer_norm_before \
      token_dropout pad_token_id mask_token_id tie_word_embeddings is_decoder rope_scaling hidden_act gelu head_dim \
      num_labels id2label label2id problem_type regression single_label_classification architectures vocab_list \
      esmfold_config trunk structure_module num_blocks sequence_state_dim sequence_head_width pairwise_state_dim \
      pairwise_head_width position_bins max_recycles sequence_dim pairwise_dim ipa_dim num_heads_ipa num_qk_points \
      num_v_points num_transition_layers resnet_dim num_resnet_blocks trans_scale_factor epsilon num_angles <cls> <pad> \
      <eos> <unk> <mask> <null_1> lddt_head_hid_dim embed_aa esm_ablate_sequence fp16_esm LABEL_0 0 1
      """),
    mutate: { bytes, mutator in mutator.changeJSON(&bytes) },
    read: { bytes, _ in
      let value = try JSONValue(parsing: bytes, path: "config.json")
      let again = try JSONValue(parsing: [UInt8](value.text), path: "written")
      // NaN is not equal to itself.
      precondition(again == value || value.text.contains("NaN"), "JSON is not read as it was written")
      let text = String(decoding: bytes, as: UTF8.self)
      let encoder = try EncoderConfiguration(json: text, path: "config.json")
      let ids = encoder.tokenizer.encode("MKT<mask>AYJ é")
      precondition(
        ids.allSatisfy { (0..<encoder.languageModel.vocabularySize).contains($0) }, "a token beyond the model")
      _ = encoder.tokenizer.decode(ids)
      _ = try Tokenizer(vocabulary: encoder.tokenizer.vocabularyText.isEmpty ? text : encoder.tokenizer.vocabularyText)
      if encoder.isFoldingModel { _ = try ModelConfiguration(json: text, path: "config.json") }
    })
}
