// The language models of the family against the reference.

import ESMFoldKit
import Tensors
import TestSupport
import Testing

/// Float32 sums in a different order through three layers, relative to a tensor's largest magnitude; the reference is
/// itself within 2e-5 of its float64 version.
private let tolerance: Float = 2e-5
/// Operands of 8 significant bits through three layers of random weights, relative to a tensor's largest magnitude.
private let bf16Tolerance: Float = 0.02

@Suite("Parity of the family") struct FamilyParityTests {
  @Test("Every state, map, contact, logit and pooled value", arguments: FamilyGolden.names)
  func values(_ name: String) throws {
    let model = try FamilyGolden.model(name)
    for golden in try FamilyGolden(name).cases {
      let found = try model.read([golden.tokens], model.everything)[0].byName
      for (key, expected) in golden.values {
        let values = try #require(found[key], "\(name): no \(key)")
        let closeness = Closeness(values, expected)
        #expect(closeness.isWithin(relative: tolerance), "\(name), \(golden.tokens.count) tokens, \(key): \(closeness)")
      }
    }
  }

  @Test(
    "Sequences in a batch are bit-identical to sequences alone",
    .needsOwnSums,
    arguments: FamilyGolden.names)
  func together(_ name: String) throws {
    let sequences = try FamilyGolden(name).cases.map(\.tokens)
    for precision in [ESMFold.Precision.fp32, .bf16] {
      let model = try FamilyGolden.model(name, precision: precision)
      let together = try model.read(sequences, model.everything)
      let single = try FamilyGolden.model(name, threads: 1, precision: precision)
      for (sequence, reading) in zip(sequences, together) {
        #expect(try single.read([sequence], single.everything)[0].byName == reading.byName, "\(name), \(precision)")
      }
    }
    // On any processor.
    let model = try FamilyEncoder(name, .bfloat16)
    for (sequence, reading) in zip(sequences, model.read(sequences)) {
      #expect(model.read([sequence], threads: 1)[0] == reading, "\(name), bfloat16")
    }
  }

  @Test("bfloat16 stays close to float32", arguments: ["esm2", "esm1b", "esm1v"]) func halfPrecision(_ name: String)
    throws
  {
    let model = try FamilyEncoder(name, .bfloat16)
    for golden in try FamilyGolden(name).cases {
      let found = model.read([golden.tokens])[0]
      for (key, expected) in golden.values where key.hasPrefix("hidden_states") || key == "logits" {
        let closeness = Closeness(found[key] ?? [], expected)
        #expect(closeness.isWithin(relative: bf16Tolerance), "\(name), \(key): \(closeness)")
      }
    }
  }

  @Test("The heads of each checkpoint are found") func heads() throws {
    let expected: [String: (maskedLanguage: Bool, pooler: Bool, sequence: Bool, token: Bool)] = [
      "esm2": (true, false, false, false), "esm1b": (true, false, false, false), "esm1v": (false, true, false, false),
      "regression": (false, false, true, false), "tokens": (false, false, false, true),
    ]
    for (name, heads) in expected {
      let found = try FamilyGolden.model(name).description
      #expect(found.hasMaskedLanguageHead == heads.maskedLanguage && found.hasPooler == heads.pooler, "\(name)")
      #expect(found.hasSequenceClassifier == heads.sequence && found.hasTokenClassifier == heads.token, "\(name)")
      #expect(found.hasContactHead, "\(name)")
    }
    #expect(try FamilyGolden.model("tokens").description.labels == ["helix", "strand", "coil"])
    #expect(try FamilyGolden.model("multi-label").description.labels == (0..<4).map { "LABEL_\($0)" })
  }

  @Test("What a model lacks, and what it cannot read, is reported") func refusals() throws {
    let model = try FamilyGolden.model("esm1v")
    let limit = try #require(model.description.maximumTokens)
    func message(_ sequence: [Int], _ wanted: ESM.Wanted) -> String {
      do {
        _ = try model.read([sequence], wanted)
        return "read"
      } catch {
        return "\(error)"
      }
    }
    #expect(message([0, 5, 2], ESM.Wanted(logits: true)).contains("lm_head"))
    #expect(message([0, 5, 2], ESM.Wanted(classification: true)).contains("classifier"))
    #expect(message([0, 5, 2], ESM.Wanted(layers: [4])).contains("4"))
    #expect(message([], ESM.Wanted(layers: [-1])).contains("expected"))
    #expect(message([0, 33, 2], ESM.Wanted(layers: [-1])).contains("33"))
    #expect(message([0, -1, 2], ESM.Wanted(layers: [-1])).contains("-1"))
    let long = [Int](repeating: 5, count: limit + 1)
    let text = message(long, ESM.Wanted(layers: [-1]))
    #expect(text.contains("\(limit + 1)") && text.contains("\(limit)"), "\(text)")
    #expect(message(Array(long.dropLast()), ESM.Wanted(layers: [-1])) == "read")
  }
}
