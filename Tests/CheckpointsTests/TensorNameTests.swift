// Old names of tensors.

import Checkpoints
import Testing

@Suite struct TensorNameTests {
  @Test(
    "Layer norms of old files, frequencies as transformers 5 saves them",
    arguments: [
      ("esm.encoder.layer.0.attention.LayerNorm.gamma", "esm.encoder.layer.0.attention.LayerNorm.weight"),
      ("esm.encoder.layer.0.LayerNorm.beta", "esm.encoder.layer.0.LayerNorm.bias"),
      ("esm.encoder.layer.0.LayerNorm.weight", "esm.encoder.layer.0.LayerNorm.weight"),
      ("LayerNorm.gamma", "LayerNorm.weight"),
      ("trunk.recycle_s_norm.gamma", "trunk.recycle_s_norm.gamma"),
      ("gamma", "gamma"),
      ("esm.encoder.layer.*.attention.self.rotary_embeddings.inv_freq", "esm.rotary_embeddings.inv_freq"),
      (
        "esm.encoder.layer.0.attention.self.rotary_embeddings.inv_freq",
        "esm.encoder.layer.0.attention.self.rotary_embeddings.inv_freq"
      ),
    ]) func canonical(_ old: String, _ new: String)
  {
    #expect(TensorName.canonical(old) == new)
  }
}
