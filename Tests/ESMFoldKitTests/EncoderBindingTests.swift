// A checkpoint is bound strictly: no tensor is missing, misshapen or left over.

import ESM2
import ESMFoldKit
import Foundation
import Tensors
import TestSupport
import Testing
import Weights

@Suite("Binding of language models") struct EncoderBindingTests {
  /// Optional tensors: if these are not in the file, the rest is still a model. A head is bound if its first
  /// name exists, so without it the others are surplus.
  private static let optional = ["contact_head.regression.weight", "pooler.dense.weight", "inv_freq"]

  private static func refusal(_ model: ChangedModel) throws -> String? {
    do {
      _ = try EncoderModel.load(try model.store())
      return nil
    } catch {
      return "\(error)"
    }
  }

  static let names = FamilyGolden.names + ["esm2-wide"]

  @Test("Every tensor is required", arguments: names) func missing(_ name: String) throws {
    let whole = try ChangedModel(name)
    #expect(try Self.refusal(whole) == nil)
    for tensor in whole.names where !Self.optional.contains(where: tensor.hasSuffix) {
      var model = whole
      model.remove(tensor)
      // A tied decoder without a weight uses word embeddings; a classifier without its first layer is one of tokens,
      // or absent if no architecture promises one.
      if name == "untied", tensor == "lm_head.decoder.weight" { continue }
      let message = try #require(try Self.refusal(model), "\(name) without \(tensor)")
      let heads = ["lm_head.", "classifier.", "contact_head.", "pooler."]
      #expect(message.contains(tensor) || heads.contains(where: message.contains), "\(tensor): \(message)")
    }
  }

  @Test("Every tensor must have its shape", arguments: names) func shapes(_ name: String) throws {
    let whole = try ChangedModel(name)
    for tensor in whole.tensors where !tensor.name.hasSuffix("position_ids") {
      for (axis, change) in tensor.shape.indices.flatMap({ [($0, 1), ($0, -1)] }) {
        var model = whole, shape = tensor.shape
        shape[axis] += change
        model.put(tensor.name, shape)
        let message = try #require(try Self.refusal(model), "\(name), \(tensor.name) of \(shape)")
        #expect(message.contains(tensor.name) && message.contains("shape"), "\(tensor.name): \(message)")
      }
    }
  }

  @Test("An unused tensor is refused by name", arguments: names) func surplus(_ name: String) throws {
    let bare = name == "esm1v"
    let prefix = bare ? "" : "esm."
    for other in [
      "encoder.layer.3.attention.self.query.weight", "encoder.layer.0.attention.self.query.extra",
      "embeddings.more.weight", "trunk.blocks.0.weight", "lm_head.extra", "esm_s_combine", "adapter.weight",
    ] {
      var model = try ChangedModel(name)
      let full = other.hasPrefix("encoder") || other.hasPrefix("embeddings") ? prefix + other : other
      model.put(full, [2])
      #expect(try Self.refusal(model)?.contains(full) == true, "\(name) with \(full)")
    }
  }

  @Test("Buffers, and positions of the other kind, are not surplus") func buffers() throws {
    var rotary = try ChangedModel("esm2")
    rotary.put("esm.embeddings.position_ids", [1, 5])
    rotary.put("esm.embeddings.position_embeddings.weight", [5, 24])
    #expect(try Self.refusal(rotary) == nil)
    var learned = try ChangedModel("esm1b")
    learned.put("esm.encoder.layer.0.attention.self.rotary_embeddings.inv_freq", [4])
    learned.put("esm.rotary_embeddings.inv_freq", [4])
    #expect(try Self.refusal(learned) == nil)
  }

  @Test("Only the language model of a folding model is bound, and everything else in it is known") func folding() throws
  {
    var model = try ChangedModel("folding-a", in: "folding")
    #expect(try Self.refusal(model) == nil)
    model.put("trunk.more", [1])
    model.put("esm_s_mlp.9.weight", [1])
    #expect(try Self.refusal(model) == nil)
    for name in ["other.weight", "lm_head.other", "esm.encoder.layer.99.LayerNorm.weight"] {
      var odd = model
      odd.put(name, [1])
      #expect(try Self.refusal(odd)?.contains(name) == true)
    }
    // It is a folding model only if it says so.
    model.configuration["is_folding_model"] = false
    #expect(try Self.refusal(model) != nil)
  }

  @Test(
    "A head that the configuration promises must be there",
    arguments: [("esm2", "lm_head."), ("single-label", "classifier."), ("tokens", "classifier.")])
  func promises(_ name: String, _ prefix: String) throws {
    var model = try ChangedModel(name)
    let classes = ["esm2": "EsmForMaskedLM", "tokens": "EsmForTokenClassification"]
    model.tensors.removeAll { $0.name.hasPrefix(prefix) }
    model.configuration["architectures"] = [classes[name] ?? "EsmForSequenceClassification"]
    #expect(try Self.refusal(model)?.contains(prefix) == true)
    // Not required unless promised.
    model.configuration["architectures"] = ["EsmModel"]
    #expect(try Self.refusal(model) == nil)
    let heads = try EncoderModel.load(try model.store()).0
    #expect(heads.maskedLanguageHead == nil && heads.classifier == nil)
  }

  @Test("An untied decoder needs its own weight; a tied one uses the word embeddings")
  func decoder()
    throws
  {
    var model = try ChangedModel("untied")
    model.remove("lm_head.decoder.weight")
    #expect(try Self.refusal(model) == nil)
    model.configuration["tie_word_embeddings"] = false
    #expect(try Self.refusal(model)?.contains("lm_head.decoder.weight") == true)

    // The same weight under both names gives the same bits.
    let words = try model.tensor("esm.embeddings.word_embeddings.weight")
    model.configuration["tie_word_embeddings"] = true
    let tied = try FamilyEncoder(try model.store(), .float32).read([[0, 5, 9, 2]])[0]
    model.put("lm_head.decoder.weight", words.shape, words.floats())
    #expect(try FamilyEncoder(try model.store(), .float32).read([[0, 5, 9, 2]])[0] == tied)
    model.put("lm_head.decoder.weight", words.shape, words.floats().reversed())
    #expect(try FamilyEncoder(try model.store(), .float32).read([[0, 5, 9, 2]])[0]["logits"] != tied["logits"])
  }

  @Test("Frequencies of the first layer apply to all; those of the whole model take precedence") func frequencies()
    throws
  {
    var model = try ChangedModel("esm2")
    let sequence = [0] + (0..<40).map { 4 + $0 % 20 } + [2]
    func read() throws -> [String: [Float]] { try FamilyEncoder(try model.store(), .float32).read([sequence])[0] }
    let expected = try read()
    func name(_ layer: Int) -> String { "esm.encoder.layer.\(layer).attention.self.rotary_embeddings.inv_freq" }
    let own = try model.tensor(name(0)).floats()
    model.put(name(1), [4], of: 0.5)
    model.put(name(2), [4], of: 0.25)
    #expect(try read() == expected)
    model.put("esm.rotary_embeddings.inv_freq", [4], own)
    model.put(name(0), [4], of: 0.125)
    #expect(try read() == expected)
    model.put("esm.rotary_embeddings.inv_freq", [4], of: 0.125)
    #expect(try read() != expected)
  }
}
