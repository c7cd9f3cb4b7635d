// Which models have published numbers, and how they are compared.

import ESMFoldKit
import TestSupport
import Testing
import Weights

@Suite("Published values") struct PublishedTests {
  private static let sizes6 = """
    "vocab_size": 33, "hidden_size": 320, "num_hidden_layers": 6, "num_attention_heads": 20, "intermediate_size": 1280, \
    "position_embedding_type": "rotary", "token_dropout": true, "mask_token_id": 32, "pad_token_id": 1
    """
  private static let sizes36 = """
    "vocab_size": 33, "hidden_size": 2560, "num_hidden_layers": 36, "num_attention_heads": 40, \
    "intermediate_size": 10240, "position_embedding_type": "rotary", "token_dropout": true, "mask_token_id": 32, \
    "pad_token_id": 1
    """

  @Test(
    "A model is known by its configuration",
    arguments: [
      ("{\(sizes6)}", "esm2_t6_8M_UR50D"),
      ("{\(sizes6), \"architectures\": [\"EsmForTokenClassification\"]}", "esm2_t6_8M_UR50D"),
      ("{\(sizes6.replacing("1280", with: "1281"))}", nil), ("{\(sizes6.replacing("rotary", with: "absolute"))}", nil),
      ("{\(sizes6.replacing("\"num_hidden_layers\": 6", with: "\"num_hidden_layers\": 12"))}", nil),
      ("{\(sizes36), \"is_folding_model\": true, \"esmfold_config\": {}}", "esmfold_v1"),
      ("{\(sizes36), \"is_folding_model\": true, \"esmfold_config\": {\"trunk\": {\"num_blocks\": 12}}}", nil),
      ("{\(sizes36)}", nil), ("{\(sizes6), \"is_folding_model\": true, \"esmfold_config\": {}}", nil),
    ])
  func recognition(_ json: String, _ name: String?) throws {
    let found = try PublishedModel.ofConfiguration(json: json, path: "config.json")
    #expect(found?.name == name)
  }

  @Test("The values are those of section and source, digit by digit") func values() throws {
    #expect(WeightsCatalog.publishedModels == ["esmfold_v1", "esm2_t6_8M_UR50D", "demo"])
    let checks = PublishedModel.all.map { $0.checks.map(\.expected) }
    #expect(checks[0] == [[88.3], [2.5828, 0.7993, -10.9334]])
    #expect(
      checks[1] == [
        [8.9215, -10.5898, -6.4671], [-6.3967, -13.9114, -1.1212], [-7.7812, -13.9516, -3.7406],
        [0.1444, 0.5413, 0.3248], [0.3034, 0.0053, 0.3108], [0.3228, -0.2499, 0.3415],
      ])
    #expect(PublishedModel.all.dropLast().allSatisfy { KnownModel.named($0.name) != nil })
  }

  @Test("A number is off beyond its tolerance, or when it is none") func tolerance() {
    let check = PublishedModel.Check(.meanConfidence(of: "A"), [10, -20], absolute: 0.5, relative: 0.1, source: "")
    #expect(check.accepts([11.5, -22.5]) && check.accepts([8.5, -17.5]))
    for wrong in [
      [11.6, -20], [8.4, -20], [10, -22.6], [10, -17.4], [10, 20], [.nan, -20], [10, .infinity], [10], [],
    ] {
      #expect(!check.accepts(wrong), "\(wrong)")
    }
  }

  @Test("Logits and states are those of the tokens as they are given") func language() throws {
    let folder = try TestFolder(), catalog = WeightsCatalog(folder: folder.path + "/cache")
    _ = try catalog.importModel(from: Fixtures.path("family/esm2"), to: nil, .init())
    _ = try catalog.importModel(from: Fixtures.path("family/esm1v"), to: nil, .init())
    let location = try ModelLocation.resolve("esm2", cacheFolder: folder.path + "/cache")
    let golden = try #require(try FamilyGolden("esm2").cases.first { $0.tokens.contains(1) })
    let logits = try #require(golden.values["logits"]), states = try #require(golden.values["hidden_states.3"])
    let width = states.count / golden.tokens.count
    func first(_ values: [Float], _ width: Int, _ token: Int) -> [Double] {
      values[token * width..<token * width + 3].map(Double.init)
    }
    let checks = [0, 3, golden.tokens.count - 1].flatMap { token in
      [
        PublishedModel.Check(
          .logits(golden.tokens, token: token), first(logits, 33, token), absolute: 1e-4, relative: 1e-4, source: "l"),
        PublishedModel.Check(
          .state(golden.tokens, token: token), first(states, width, token), absolute: 1e-4, relative: 1e-4, source: "s"),
      ]
    }
    var shares: [Double] = []
    let rows = try WeightsCatalog.rows(of: PublishedModel(name: "x", checks: checks), location, threads: 1) {
      shares.append($0)
    }
    #expect(rows.count == 6 && rows.allSatisfy(\.isAccepted), "\(rows)")
    #expect(rows.map(\.source) == ["l", "s", "l", "s", "l", "s"] && rows[0].expected == first(logits, 33, 0))
    #expect(shares.last == 1 && shares == shares.sorted())
    // Another model of the family has other numbers, or no head for them.
    let other = try ModelLocation.resolve("esm1v", cacheFolder: folder.path + "/cache")
    let off = try WeightsCatalog.rows(of: PublishedModel(name: "x", checks: Array(checks[..<2])), other, threads: 1)
    #expect(off.map(\.isAccepted) == [false, false] && off.map { $0.found == nil } == [true, false])
    #expect(throws: ModelError.noPublishedValues(model: "esm2", known: WeightsCatalog.publishedModels)) {
      try catalog.comparePublished(location, threads: 1)
    }
  }
}
