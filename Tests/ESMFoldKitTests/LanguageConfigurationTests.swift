// What a language model's config.json may contain, its defaults, and what is refused.

import ESM2
import ESMFoldKit
import Foundation
import Testing
import Weights

@Suite("Configuration of language models") struct LanguageConfigurationTests {
  /// The smallest configuration with other fields; null removes one.
  private static func configuration(_ fields: [String: Any] = [:]) throws(ModelError) -> EncoderConfiguration {
    var object: [String: Any] = ["vocab_size": 33, "pad_token_id": 1, "mask_token_id": 32]
    for (name, value) in fields { object[name] = value }
    let data = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
    return try EncoderConfiguration(json: String(decoding: data, as: UTF8.self), path: "config.json")
  }

  private static func refusal(_ fields: [String: Any]) -> String? {
    do {
      _ = try configuration(fields)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("Defaults are those of transformers' EsmConfig") func defaults() throws {
    let model = try Self.configuration().languageModel
    // EsmConfig of transformers 5.23.
    #expect(model.vocabularySize == 33 && model.hiddenSize == 768 && model.layers == 12 && model.heads == 12)
    #expect(model.intermediateSize == 3072 && model.maximumPositions == 1026 && model.layerNormEpsilon == 1e-12)
    #expect(model.positions == .absolute && model.ropeTheta == 10_000 && model.tiesWordEmbeddings)
    #expect(!model.normalizesEmbeddings && !model.dropsTokens && model.padTokenID == 1 && model.maskTokenID == 32)
    #expect(model.headWidth == 64)
    let configuration = try Self.configuration()
    #expect(!configuration.isFoldingModel && configuration.tokenizer == .standard)
    #expect(configuration.task.labels == ["LABEL_0", "LABEL_1"] && configuration.task.architectures.isEmpty)
    // null counts as missing.
    #expect(try Self.configuration(["hidden_size": NSNull(), "vocab_list": NSNull()]).languageModel == model)
  }

  @Test("Every field is read") func fields() throws {
    let model = try Self.configuration([
      "vocab_size": 40, "hidden_size": 24, "num_hidden_layers": 5, "num_attention_heads": 3, "intermediate_size": 7,
      "max_position_embeddings": 99, "layer_norm_eps": 0.5, "position_embedding_type": "rotary", "rope_theta": 300,
      "emb_layer_norm_before": true, "token_dropout": true, "pad_token_id": 3, "tie_word_embeddings": false,
      "head_dim": 8, "hidden_act": "gelu",
    ]).languageModel
    #expect(model.vocabularySize == 40 && model.hiddenSize == 24 && model.layers == 5 && model.heads == 3)
    #expect(model.intermediateSize == 7 && model.maximumPositions == 99 && model.layerNormEpsilon == 0.5)
    #expect(model.positions == .rotary && model.ropeTheta == 300 && !model.tiesWordEmbeddings)
    #expect(model.normalizesEmbeddings && model.dropsTokens && model.padTokenID == 3 && model.headWidth == 8)
  }

  @Test("Unsupported settings are refused by field") func refusals() {
    let cases: [(fields: [String: Any], message: String)] = [
      (["vocab_size": NSNull()], "vocab_size: found nothing"),
      (["vocab_size": 0], "vocab_size: found 0"),
      (["vocab_size": 32, "mask_token_id": NSNull()], "vocab_size: found 32, expected at least 33"),
      (["hidden_size": 0], "hidden_size"), (["hidden_size": 1 << 21], "hidden_size"),
      (["hidden_size": 770], "hidden_size: found 770, expected a multiple of num_attention_heads = 12"),
      (["num_hidden_layers": 0], "num_hidden_layers"), (["num_attention_heads": -1], "num_attention_heads"),
      (["intermediate_size": 0], "intermediate_size"), (["max_position_embeddings": 0], "max_position_embeddings"),
      (["layer_norm_eps": -1e-9], "layer_norm_eps: found -1e-09, expected 0 or more"),
      (["rope_theta": 0], "rope_theta: found 0.0, expected more than 0"), (["rope_theta": -1], "rope_theta"),
      (["position_embedding_type": "relative_key"], "position_embedding_type: found \"relative_key\""),
      (
        ["position_embedding_type": "rotary", "hidden_size": 36],
        "hidden_size: found heads of width 3, expected an even width"
      ),
      (["head_dim": 32], "head_dim: found 32, expected 64"), (["hidden_act": "gelu_new"], "hidden_act"),
      (["hidden_act": "relu"], "hidden_act: found \"relu\", expected \"gelu\""),
      (["is_decoder": true], "is_decoder"), (["add_cross_attention": true], "add_cross_attention"),
      (["rope_scaling": ["type": "linear"]], "rope_scaling"), (["model_type": "bert"], "model_type: found \"bert\""),
      (["pad_token_id": 33], "pad_token_id: found 33"), (["pad_token_id": -1], "pad_token_id: found -1"),
      (["mask_token_id": 33], "mask_token_id: found 33"),
      (["pad_token_id": NSNull()], "pad_token_id: found nothing"),
      // Without a row for the first token.
      (["max_position_embeddings": 4, "pad_token_id": 3], "pad_token_id: found 3, expected a number from 0 to 2"),
      (["token_dropout": true, "mask_token_id": NSNull()], "mask_token_id: found nothing"),
      (["token_dropout": true, "mask_token_id": 31], "mask_token_id: found 31, expected 32"),
      (["vocab_list": ["<cls>", "<pad>", "<eos>", "<unk>", "A"]], "vocab_list: found no <mask>"),
      (["vocab_list": ["<cls>", "<pad>", "<unk>", "<mask>"]], "vocab_list: found no <eos>"),
      (["hidden_size": "768"], "hidden_size: found \"768\", expected a whole number"),
      (["token_dropout": 1], "token_dropout"), (["vocab_list": "A"], "vocab_list"),
    ]
    for (fields, message) in cases {
      let found = Self.refusal(fields)
      #expect(found?.contains("config.json: \(message)") == true, "\(fields): \(found ?? "accepted")")
    }
    for text in ["[]", "3", "{", ""] {
      #expect(throws: ModelError.self) { try EncoderConfiguration(json: text, path: "config.json") }
    }
  }

  @Test("Values just within the limits are accepted") func limits() {
    let cases: [[String: Any]] = [
      ["max_position_embeddings": 5, "pad_token_id": 3], ["layer_norm_eps": 0], ["head_dim": 64], ["is_decoder": false],
      ["rope_scaling": NSNull()], ["position_embedding_type": "rotary", "pad_token_id": NSNull()],
      ["mask_token_id": NSNull()], ["mask_token_id": 31], ["position_embedding_type": "rotary", "hidden_size": 24],
      ["hidden_size": 36], ["vocab_size": 34], ["rope_theta": 1e-3],
    ]
    for fields in cases { #expect(Self.refusal(fields) == nil, "\(fields): \(Self.refusal(fields) ?? "")") }
  }

  @Test("Labels and problem types of classifiers") func tasks() throws {
    func task(_ fields: [String: Any]) throws -> TaskConfiguration { try Self.configuration(fields).task }
    #expect(
      try task([
        "id2label": [
          "10": "k", "0": "a", "1": "b", "2": "c", "3": "d", "4": "e", "5": "f", "6": "g",
          "7": "h", "8": "i", "9": "j",
        ]
      ]).labels == "abcdefghijk".map(String.init))
    #expect(try task(["num_labels": 3]).labels == ["LABEL_0", "LABEL_1", "LABEL_2"])
    #expect(try task(["num_labels": 1]).problem == .regression && task([:]).problem == .singleLabel)
    #expect(try task(["num_labels": 1, "problem_type": "multi_label_classification"]).problem == .multiLabel)
    #expect(try task(["num_labels": 3, "problem_type": "regression"]).problem == .regression)
    #expect(try task(["problem_type": "single_label_classification"]).problem == .singleLabel)
    #expect(try task(["architectures": ["A", "B"]]).architectures == ["A", "B"])
    let cases: [(fields: [String: Any], message: String)] = [
      (["num_labels": 0], "num_labels: found 0"), (["problem_type": "ranking"], "problem_type: found \"ranking\""),
      (["num_labels": 1, "problem_type": "single_label_classification"], "with one label"),
      (["id2label": [String: String]()], "id2label: found no label"),
      (["id2label": ["1": "a"]], "id2label: found \"1\""),
      (["id2label": ["0": "a", "2": "b"]], "id2label: found \"2\""),
      (["id2label": ["a": "b"]], "id2label: found \"a\""),
      (["id2label": ["0": "a", "00": "b"]], "each of the ids 0 to 1 once"),
      (["id2label": ["0": "a"], "num_labels": 2], "num_labels: found 2, expected 1"),
    ]
    for (fields, message) in cases {
      let found = Self.refusal(fields)
      #expect(found?.contains(message) == true, "\(fields): \(found ?? "accepted")")
    }
  }
}
