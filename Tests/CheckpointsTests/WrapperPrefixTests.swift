// Checkpoints as training programs save them: names of tensors behind those of their own modules; adapters.

import Checkpoints
import Platform
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct WrapperPrefixTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    "What stands before the names of all tensors of one model",
    arguments: [
      (["module.esm.embeddings.word_embeddings.weight", "module.lm_head.bias"], "module."),
      (["model.embeddings.word_embeddings.weight"], "model."), (["_orig_mod.embed_tokens.weight"], "_orig_mod."),
      (["module._orig_mod.encoder.sentence_encoder.embed_tokens.weight"], "module._orig_mod."),
      (["_forward_module.model.encoder.embed_tokens.weight"], "_forward_module.model."),
      (["model.model.esm.embed_tokens.weight", "model.model.esm_s_combine"], "model.model."),
      (["model.esm_s_combine", "model.trunk.x"], "model."),
      // A head or a loss beside the model; another model under another name.
      (["model.esm.embeddings.word_embeddings.weight", "classifier.weight"], "model."),
      (["model.esm.embeddings.word_embeddings.weight", "ema.esm.embeddings.word_embeddings.weight"], "model."),
      // Real names, two models, none.
      (["esm.embeddings.word_embeddings.weight"], ""), (["embeddings.word_embeddings.weight"], ""),
      (["embed_tokens.weight", "encoder.embed_tokens.weight"], ""), (["module.x", "module.y"], ""), ([], ""),
      (["esm.embeddings.word_embeddings.weight", "model.esm.embeddings.word_embeddings.weight"], ""),
      (["module.esm_s_combine", "model.esm_s_combine"], ""), (["modulex.embed_tokens.weight"], ""),
      (["teacher.embed_tokens.weight"], ""), (["model.embed_tokens.weight.x"], ""),
    ])
  func prefixes(_ names: [String], _ prefix: String) {
    #expect(WrapperPrefix.of(names) == prefix)
  }

  /// Writes `family/esm2` with `prefix` before the names of its tensors, and further empty tensors.
  private func write(_ prefix: String, further: [String] = []) throws {
    let file = try content(Fixtures.path("family/esm2/model.safetensors"))
    let size = file[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let names = try Safetensors(Fixtures.path("family/esm2/model.safetensors")).tensors().map(\.name)
    var header = String(decoding: file[8..<8 + size], as: UTF8.self)
    for name in names { header = header.replacing("\"\(name)\":", with: "\"\(prefix)\(name)\":") }
    for name in further {
      let end = file.count - 8 - size
      let entry = #""\#(name)":{"dtype":"F32","shape":[0],"data_offsets":[\#(end),\#(end)]},"#
      header = "{" + entry + header.dropFirst()
    }
    try folder.write("m/model.safetensors", safetensors(header, data: Array(file[(8 + size)...])))
    try folder.write("m/config.json", content(Fixtures.path("family/esm2/config.json")))
  }

  @Test(
    "A checkpoint with a prefix is the model without it",
    arguments: ["module.", "model.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model.module."])
  func imports(_ prefix: String) throws {
    try write(prefix)
    try Importer(try ModelSource(folder("m")), modelName: "m", program: "p").run(to: folder("m.h5"))
    let store = try WeightCache.open(folder("m.h5"))
    let originals = try Safetensors(Fixtures.path("family/esm2/model.safetensors")).tensors()
    #expect(store.names == originals.map { TensorName.canonical($0.name) }.sorted())
    for tensor in originals {
      let stored = try store.stored(TensorName.canonical(tensor.name), tensor.shape)
      #expect(stored.bytes.elementsEqual(tensor.bytes), "\(tensor.name)")
    }
  }

  @Test("A checkpoint of PyTorch, and what is beside the model") func besides() throws {
    func tensor(_ name: String, _ key: String) -> TorchTensor {
      TorchTensor(name, "FloatStorage", key: key, [2], [Float(1), 2])
    }
    try folder.write("m/config.json", "{}")
    let names = ["model.esm.embeddings.word_embeddings.weight", "model.lm_head.bias", "criterion.weight"]
    try folder.write("m/model.ckpt", torchFile(names.enumerated().map { tensor($1, "\($0)") }))
    let contents = try ModelSource(folder("m/model.ckpt")).contents()
    // Not a tensor of any model: binding will name it as a surplus one.
    #expect(
      contents.tensors.map(\.name) == [
        "esm.embeddings.word_embeddings.weight", "lm_head.bias", "criterion.weight",
      ])
    try write("model.", further: ["lm_head.bias"])
    let twice = failure { () throws(WeightError) in try ModelSource(folder("m/model.safetensors")).contents() }
    #expect(twice?.description.contains("found lm_head.bias twice") == true, "\(twice?.description ?? "nothing")")
  }

  // MARK: Adapters

  @Test("An adapter is told from a model, and its base is named") func adapters() throws {
    let path = try #require(folder.path.resolved)
    func error(_ name: String) -> WeightError? {
      failure { () throws(WeightError) in _ = try ModelSource(folder(name)).contents() }
    }
    try folder.write("m/adapter_model.safetensors", "x")
    #expect(error("m") == .adapter(path: "\(path)/m", base: nil))
    // A checkpoint of transformers' Trainer has other files of PyTorch beside it.
    try folder.write("m/optimizer.pt", "x")
    try folder.write("m/adapter_config.json", #"{"base_model_name_or_path": "facebook/esm2_t6_8M_UR50D"}"#)
    #expect(error("m") == .adapter(path: "\(path)/m", base: "facebook/esm2_t6_8M_UR50D"))
    #expect(
      error("m/adapter_model.safetensors")
        == .adapter(path: "\(path)/m/adapter_model.safetensors", base: "facebook/esm2_t6_8M_UR50D"))
    try folder.write("n/adapter_config.json", "[1")
    #expect(error("n") == .adapter(path: "\(path)/n", base: nil))
    // Text of others is shown as such.
    let text = WeightError.adapter(path: "m", base: "\u{1B}[31mred").description
    #expect(
      !text.contains("\u{1B}") && text.contains(#"merge it into its base model "\u{1B}[31mred" with PEFT"#), "\(text)"
    )
    #expect(text.contains("merge_and_unload().save_pretrained(\"merged\"), and import that folder"))
    // A whole model beside an adapter is the model; a file that holds both is neither.
    try folder.write("m/model.safetensors", content(Fixtures.path("family/esm2/model.safetensors")))
    try folder.write("m/config.json", content(Fixtures.path("family/esm2/config.json")))
    #expect(error("m") == nil)
    let lora = "base_model.model.esm.encoder.layer.0.attention.self.query.lora_A.default.weight"
    try folder.write(
      "m/model.safetensors", safetensors(#"{"\#(lora)":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#))
    #expect(error("m") == .adapter(path: "\(path)/m/model.safetensors", base: "facebook/esm2_t6_8M_UR50D"))
  }
}
