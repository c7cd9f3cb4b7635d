// The results and refusals of a reading, and odd sequences for which the reference gives no numbers.

import ESM2
import ESMFoldKit
import Foundation
import Glibc
import Tensors
import TestSupport
import Testing
import Weights

/// Float32 sums in a different order.
private let tolerance: Float = 1e-5

@Suite("Readings") struct EncoderReadingTests {
  private static let sequence = [0] + (0..<50).map { 4 + $0 * 7 % 20 } + [2]

  @Test("Exactly the requested outputs, in every combination") func wanted() throws {
    let model = try FamilyGolden.model("esm2")
    let all = try model.read([Self.sequence], model.everything)[0]
    let none = try model.read([Self.sequence], ESM.Wanted())[0]
    #expect(none.byName.isEmpty && none.tokens == Self.sequence && none.classification == nil)
    let cases: [(ESM.Wanted, [String])] = [
      (ESM.Wanted(layers: [0]), ["hidden_states.0"]),
      (ESM.Wanted(layers: [-1, 3, 1]), ["hidden_states.3", "hidden_states.1"]),
      (ESM.Wanted(layers: [-4]), ["hidden_states.0"]), (ESM.Wanted(logits: true), ["logits"]),
      (ESM.Wanted(contacts: true), ["contacts"]), (ESM.Wanted(attentions: true), ["attentions"]),
    ]
    for (wanted, names) in cases {
      let found = try model.read([Self.sequence], wanted)[0].byName
      #expect(Set(found.keys) == Set(names))
      for (name, values) in found { #expect(values == all.byName[name], "\(name)") }
    }
    let classifier = try FamilyGolden.model("tokens"), pooler = try FamilyGolden.model("esm1v")
    #expect(Set(try classifier.read([[0, 5, 2]], ESM.Wanted(classification: true))[0].byName.keys) == ["logits"])
    #expect(Set(try pooler.read([[0, 5, 2]], ESM.Wanted(pooled: true))[0].byName.keys) == ["pooled"])
    #expect(try model.read([], model.everything).isEmpty)
  }

  @Test("Layers count from both ends") func layers() throws {
    let model = try FamilyGolden.model("esm2")
    #expect(try (-4...3).map(model.layerIndex) == [0, 1, 2, 3, 0, 1, 2, 3])
    for layer in [-5, 4, Int.min, Int.max] { #expect(throws: ModelError.self) { try model.layerIndex(layer) } }
  }

  @Test("The residues are the tokens between <cls> and <eos>, if present") func residues() throws {
    let model = try FamilyGolden.model("esm2")
    let cases: [([Int], Range<Int>)] = [
      ([0, 5, 6, 2], 1..<3), ([5, 6], 0..<2), ([0, 5], 1..<2), ([5, 2], 0..<1), ([0, 2], 1..<1), ([0], 1..<1),
      ([2], 0..<0), ([5, 2, 5], 0..<3), ([0, 5, 2, 2], 1..<3),
    ]
    let readings = try model.read(cases.map(\.0), ESM.Wanted(layers: [1]))
    for ((tokens, rows), reading) in zip(cases, readings) {
      #expect(reading.residueRows == rows, "\(tokens)")
      #expect(reading.residues(ofLayer: 1) == reading.representations[1]?.rows(rows))
      #expect(reading.residues(ofLayer: 1)?.rows == rows.count && reading.residues(ofLayer: 2) == nil)
    }
  }

  @Test("Releasing pages while the layers run changes no bit") func pages() throws {
    let model = try FamilyEncoder("esm2-wide", .float32), batch = TokenBatch([Self.sequence])
    let kept = model.model.read(batch, model.everything, discardsPages: false, threads: Threads(2))
    let given = model.model.read(batch, model.everything, discardsPages: true, threads: Threads(2))
    #expect(kept.logits?.values == given.logits?.values && kept.contacts[0].values == given.contacts[0].values)
  }

  @Test("Fewer than one thread means one, and any number gives the same bits") func threads() throws {
    let expected = try FamilyGolden.model("esm2-wide", threads: 1).read([Self.sequence], ESM.Wanted(logits: true))[0]
    for threads in [-3, 0, 2, 5, 64] {
      let model = try FamilyGolden.model("esm2-wide", threads: threads)
      #expect(try model.read([Self.sequence], ESM.Wanted(logits: true))[0].logits == expected.logits)
    }
  }

  @Test("If every token is masked, nothing is rescaled") func allMasked() throws {
    let model = try FamilyGolden.model("esm2")
    let reading = try model.read([[32, 32, 32]], ESM.Wanted(layers: [0, 3]))[0]
    #expect(reading.representations[0]?.values.allSatisfy { $0 == 0 } == true)
    #expect(reading.representations[3]?.values.allSatisfy(\.isFinite) == true)
    // One of two is half.
    let half = try model.read([[5, 32]], ESM.Wanted(layers: [0]))[0]
    let words = try ChangedModel("esm2").tensor("esm.embeddings.word_embeddings.weight").floats()
    let expected = words[5 * 24..<6 * 24].map { $0 * 0.88 / 0.5 }
    #expect(Closeness(Array(try #require(half.representations[0]).row(0)), expected).isWithin(relative: 1e-6))
  }

  @Test("If no attention is left, every pair has the probability of the bias") func noAttention() throws {
    let model = try FamilyGolden.model("esm2")
    let bias = try ChangedModel("esm2").tensor("esm.contact_head.regression.bias").floats()[0]
    let contacts = try #require(try model.read([[0, 2, 2, 2, 2]], ESM.Wanted(contacts: true))[0].contacts)
    #expect(contacts.rows == 3 && contacts.columns == 3)
    for value in contacts.values { #expect(abs(value - 1 / (1 + exp(-bias))) <= tolerance) }
    // One or two tokens have no pairs.
    for tokens in [[5], [0, 5]] {
      #expect(try model.read([tokens], ESM.Wanted(contacts: true))[0].contacts?.values == [])
    }
  }

  @Test("A missing head is refused by name before anything is read") func heads() throws {
    func message(_ model: ESM, _ wanted: ESM.Wanted) -> String {
      do {
        try model.checkHeads(wanted)
        return "fine"
      } catch {
        return "\(error)"
      }
    }
    let esm2 = try FamilyGolden.model("esm2")
    #expect(message(esm2, ESM.Wanted(layers: [99], logits: true, contacts: true, attentions: true)) == "fine")
    #expect(message(esm2, ESM.Wanted(pooled: true)).contains("esm2: found no pooler (pooler.*)"))
    #expect(message(esm2, ESM.Wanted(classification: true)).contains("found no classifier"))
    let folder = try TestFolder()
    var bare = try ChangedModel("esm1v")
    bare.tensors.removeAll { $0.name.contains("contact_head") }
    let location = try ModelLocation.resolve(try bare.write(to: folder.path), cacheFolder: folder.path + "/cache")
    let model = try ESM(location.importIfNeeded(), threads: 1)
    #expect(!model.description.hasContactHead)
    #expect(message(model, ESM.Wanted(contacts: true)).contains("esm1v: found no contact head"))
    #expect(message(model, ESM.Wanted(logits: true)).contains("esm1v: found no masked-language head"))
    #expect(message(model, ESM.Wanted(pooled: true)) == "fine")
    #expect(message(try FamilyGolden.model("tokens"), ESM.Wanted(classification: true)) == "fine")
    #expect(message(try FamilyGolden.model("regression"), ESM.Wanted(classification: true)) == "fine")
  }

  @Test("bf16 on a processor that does not support it becomes fp32, with a remark") func precision() throws {
    let folder = try TestFolder()
    let location = try ModelLocation.resolve(Fixtures.path("family/untied"), cacheFolder: folder.path).importIfNeeded()
    for (asked, fast) in [
      (ESMFold.Precision.fp32, ESMFold.Precision.fp32), (.bf16, Kernels.active.hasFastBFloat16 ? .bf16 : .fp32),
    ] {
      let model = try ESM(location, threads: 1, precision: asked)
      #expect(model.precision == fast && model.modelName == "untied")
      #expect(model.remarks == (asked == fast ? [] : [.precision(asked: asked, used: fast)]))
    }
  }

  @Test("Classes by probability: the first of two equal ones") func classes() throws {
    let folder = try TestFolder()
    func model(_ name: String, bias: [Float]) throws -> ESM {
      var changed = try ChangedModel(name)
      let layer = name == "tokens" ? "classifier" : "classifier.out_proj"
      changed.put(layer + ".weight", [bias.count, 16])
      changed.put(layer + ".bias", [bias.count], bias)
      changed.configuration["id2label"] = nil as Any?
      changed.configuration["num_labels"] = bias.count
      let path = try changed.write(to: folder.path + "/\(bias.hashValue)")
      return try ESM(try .resolve(path, cacheFolder: folder.path + "/cache").importIfNeeded(), threads: 1)
    }
    func classify(_ name: String, _ bias: [Float]) throws -> Classification {
      let reading = try model(name, bias: bias).read([[0, 5, 2], [0, 5, 6, 2]], ESM.Wanted(classification: true))[1]
      return try #require(reading.classification)
    }
    let single = try classify("single-label", [1, 3, 3, -2])
    let sum = exp(1.0) + 2 * exp(3.0) + exp(-2.0)
    let shares = [1.0, 3, 3, -2].map { Float(exp($0) / sum) }
    #expect(single.labels(ofRow: 0) == ["LABEL_1"] && single.logits.rows == 1 && !single.isPerToken)
    #expect(Closeness(try #require(single.probabilities).values, shares).isWithin(relative: 1e-6))
    let multi = try classify("multi-label", [-1, 0, 1e-3, 5])
    #expect(multi.labels(ofRow: 0) == ["LABEL_2", "LABEL_3"])
    let each = [-1.0, 0, 1e-3, 5].map { Float(1 / (1 + exp(-$0))) }
    #expect(Closeness(try #require(multi.probabilities).values, each).isWithin(relative: 1e-6))
    let number = try classify("regression", [7])
    #expect(number.probabilities == nil && number.labels(ofRow: 0).isEmpty && number.logits.values == [7])
    let tokens = try classify("tokens", [-5, 1, 1])
    #expect(tokens.isPerToken && tokens.logits.rows == 4 && tokens.problem == .singleLabel)
    #expect((0..<4).allSatisfy { tokens.labels(ofRow: $0) == ["LABEL_1"] })
    #expect(tokens.probabilities?.row(3).reduce(0, +) ?? 0 > 0.999_99)
    // Large logits do not overflow exp.
    #expect(try classify("single-label", [200, -200]).probabilities?.values == [1, 0])
  }
}
