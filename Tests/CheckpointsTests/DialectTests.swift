// Meta's own files: names, which files belong together, and the configuration inferred from shapes.

import Checkpoints
import Glibc
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct DialectTests {
  private let folding = Fixtures.path("torch/esmfold")

  /// Copies files of the fixture into a folder.
  private func copy(_ names: [String], into folder: TemporaryFolder) throws {
    for name in names { try folder.write(name, content("\(folding)/\(name)")) }
  }

  @Test func aTrunkAndItsLanguageModelAreOneModel() throws {
    let folder = try TemporaryFolder()
    let source = try ModelSource(folding)
    #expect(source.weights == "esmfold_tiny.pt" && source.suggestedName == "esmfold_tiny")
    try Importer(source, modelName: "m", program: "p").run(to: folder("m.h5"))
    let store = try WeightCache.open(folder("m.h5"))
    let reference = try Safetensors("\(folding)/tensors.safetensors").tensors()
    #expect(store.names == reference.map(\.name).sorted())
    for tensor in reference {
      let stored = try store.stored(tensor.name, tensor.shape)
      #expect(stored.elementType == tensor.elementType && stored.bytes.elementsEqual(tensor.bytes), "\(tensor.name)")
    }
    #expect(
      try WeightCache.header(of: folder("m.h5")).sources.map(\.name) == ["esmfold_tiny.pt", "esm2_t36_3B_UR50D.pt"])
  }

  @Test func theConfigurationOfATrunkIsInTheShapes() throws {
    let text = try ModelSource(folding).configuration()
    // The numbers with which Scripts/torch-fixtures.py made the model.
    for field in [
      #""hidden_size":12"#, #""num_hidden_layers":2"#, #""num_attention_heads":2"#, #""intermediate_size":48"#,
      #""position_embedding_type":"rotary""#, #""is_folding_model":true"#, #""lddt_head_hid_dim":6"#,
      #""num_blocks":2"#, #""sequence_state_dim":12"#, #""sequence_head_width":4"#, #""pairwise_state_dim":8"#,
      #""pairwise_head_width":4"#, #""position_bins":7"#, #""sequence_dim":10"#, #""pairwise_dim":6"#, #""ipa_dim":3"#,
      #""resnet_dim":9"#, #""num_heads_ipa":2"#, #""num_qk_points":3"#, #""num_v_points":5"#,
      #""num_transition_layers":2"#, #""num_resnet_blocks":3"#, #""max_recycles":4"#,
    ] { #expect(text.contains(field), "\(field) in \(text)") }
  }

  @Test func aTrunkAloneNamesWhatItNeeds() throws {
    let folder = try TemporaryFolder()
    try copy(["esmfold_tiny.pt"], into: folder)
    let error = failure { () throws(WeightError) in try ModelSource(folder.path).contents() }
    #expect(error?.description.contains("expected esm2_t36_3B_UR50D.pt in the same folder\nhint: ") == true)
    // Anywhere, if it is named.
    let contents = try ModelSource(folder.path, languageModel: "\(folding)/esm2_t36_3B_UR50D.pt").contents()
    #expect(contents.files.count == 2 && contents.tensors.contains { $0.name.hasPrefix("esm.encoder.layer.1.") })
    // A transformers model has its own.
    let error2 = failure { () throws(WeightError) in
      try ModelSource(Fixtures.path("family/esm2"), languageModel: "\(folding)/esm2_t36_3B_UR50D.pt")
    }
    #expect(error2?.description.contains("found a model that has its own") == true)
  }

  @Test("Contact heads are found beside their models; configurations of three kinds")
  func languageModels() throws {
    let folder = Fixtures.path("torch/fair-esm")
    for (name, fields) in [
      ("esm2_tiny", [#""position_embedding_type":"rotary""#, #""num_attention_heads":2"#]),
      ("esm1b_tiny", [#""emb_layer_norm_before":true"#, #""num_attention_heads":3"#, #""intermediate_size":20"#]),
      (
        "esm1v_tiny",
        [#""emb_layer_norm_before":false"#, #""num_attention_heads":3"#, #""max_position_embeddings":42"#]
      ),
    ] {
      let contents = try ModelSource("\(folder)/\(name).pt").contents()
      for field in fields { #expect(contents.configuration.contains(field), "\(field) in \(contents.configuration)") }
      let hasContacts = contents.tensors.contains { $0.name == "esm.contact_head.regression.weight" }
      #expect(hasContacts == (name != "esm1v_tiny"))
    }
    // Several models in a folder: one must be named.
    let error = failure { () throws(WeightError) in try ModelSource(folder) }
    #expect(error?.description.contains("found several: esm1b_tiny.pt, esm1v_tiny.pt, esm2_tiny.pt") == true)
  }

  @Test func fairESMsZeroedEmbeddingIsZeroedWhereTheMemoryIsShared() throws {
    let contents = try ModelSource(Fixtures.path("torch/fair-esm/esm1b_tiny.pt")).contents()
    let zeroed = contents.tensors.filter { $0.zeroedRow != nil }
    #expect(
      zeroed.map(\.name).sorted() == ["esm.embeddings.word_embeddings.weight", "lm_head.decoder.weight"]
        && zeroed.allSatisfy { $0.zeroedRow == 32 })
    let rotary = try ModelSource(Fixtures.path("torch/fair-esm/esm2_tiny.pt")).contents()
    #expect(rotary.tensors.allSatisfy { $0.zeroedRow == nil })
  }

  @Test("Folders for Meta's esm-fold have their models in checkpoints/") func hubFolder() throws {
    let folder = try TemporaryFolder()
    try #require(mkdir(folder("checkpoints"), 0o777) == 0)
    try folder.write("checkpoints/esmfold_3B_v1.pt", content("\(folding)/esmfold_tiny.pt"))
    try folder.write("checkpoints/esm2_t36_3B_UR50D.pt", content("\(folding)/esm2_t36_3B_UR50D.pt"))
    // Another model used with the same folder does not matter.
    try folder.write("checkpoints/esm2_t6_8M_UR50D.pt", [])
    let source = try ModelSource(folder.path)
    #expect(source.weights == "esmfold_3B_v1.pt" && source.suggestedName == "esmfold_3B_v1")
    #expect(try source.contents().tensors.contains { $0.name == "esm.embeddings.word_embeddings.weight" })
    try #require(unlink(folder("checkpoints/esmfold_3B_v1.pt")) == 0)
    #expect(try ModelSource(folder.path).weights == "esm2_t6_8M_UR50D.pt")
  }

  @Test func theConfigurationBesideAFileCounts() throws {
    let folder = try TemporaryFolder()
    try copy(["esmfold_tiny.pt", "esm2_t36_3B_UR50D.pt"], into: folder)
    try folder.write("config.json", #"{"is_folding_model": true}"#)
    #expect(try ModelSource(folder.path).configuration() == #"{"is_folding_model": true}"#)
  }
}
