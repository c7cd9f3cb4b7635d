// Embeddings, positions and attention masks against the reference (Scripts/golden_inputs.py).

import ESMFoldKit
import Tensors
import TestSupport
import Testing
import Weights

/// Float32 sums in a different order through three layers, relative to a tensor's largest magnitude.
private let tolerance: Float = 2e-5

@Suite("Inputs") struct InputParityTests {
  /// One input and the reference's values by name.
  private struct Case {
    let model: String
    let input: ESM.Input
    let values: [String: [Float]]
  }

  private static func numbers(_ text: String?) throws -> [Int]? {
    try text?.split(separator: " ").map { try #require(Int($0)) }
  }

  private static func cases() throws -> (cases: [Case], words: (tokens: [Int], values: [Float])) {
    let file = try Safetensors(Fixtures.path("family/inputs.safetensors"))
    let all = try file.allValues()
    let count = file.metadata.keys.count { $0.hasSuffix(".model") }
    let cases = try (0..<count).map { number -> Case in
      let prefix = "\(number)."
      var values: [String: [Float]] = [:]
      for (key, value) in all where key.hasPrefix(prefix) { values[String(key.dropFirst(prefix.count))] = value }
      let positions = try numbers(file.metadata[prefix + "positions"])
      let mask = try numbers(file.metadata[prefix + "mask"])?.map { $0 == 1 }
      let model = try #require(file.metadata[prefix + "model"])
      if let embeddings = values.removeValue(forKey: "embeddings") {
        let states = Matrix(rows: 8, columns: embeddings.count / 8, values: embeddings)
        return Case(
          model: model, input: ESM.Input(embeddings: states, positions: positions, attentionMask: mask), values: values)
      }
      let tokens = try #require(try numbers(file.metadata[prefix + "tokens"]))
      return Case(
        model: model, input: ESM.Input(tokens: tokens, positions: positions, attentionMask: mask), values: values)
    }
    return (cases, (try #require(try numbers(file.metadata["words"])), try #require(all["words"])))
  }

  private static func wanted(_ model: ESM, _ input: ESM.Input) -> ESM.Wanted {
    var wanted = model.everything
    wanted.contacts = input.tokens != nil
    return wanted
  }

  @Test("States, attentions, contacts and heads of every kind of input") func values() throws {
    let cases = try Self.cases().cases
    #expect(cases.count == 13)
    for (number, golden) in cases.enumerated() {
      let model = try FamilyGolden.model(golden.model)
      let reading = try model.read(inputs: [golden.input], Self.wanted(model, golden.input))[0]
      let found = reading.byName
      for (key, expected) in golden.values {
        let closeness = Closeness(try #require(found[key], "\(number): no \(key)"), expected)
        #expect(closeness.isWithin(relative: tolerance), "input \(number), \(golden.model), \(key): \(closeness)")
      }
      #expect(
        reading.hiddenStates.count == model.description.layers + 1
          && model.allLayers.last == reading.hiddenStates.count - 1)
      #expect(reading.tokens == golden.input.tokens ?? [])
      #expect(reading.residueRows == (golden.input.tokens == nil ? 0..<8 : 1..<7))
    }
  }

  @Test(
    "Inputs side by side have the bits that they have alone, also in bfloat16",
    .needsOwnSums)
  func together() throws {
    let cases = try Self.cases().cases.filter { $0.model == "esm2" }
    #expect(cases.count == 5)
    for precision in [ESMFold.Precision.fp32, .bf16] {
      let model = try FamilyGolden.model("esm2", precision: precision)
      var wanted = model.everything
      wanted.contacts = false
      let inputs = cases.map(\.input) + [ESM.Input(tokens: [0, 5, 6, 7, 2])]
      for (input, reading) in zip(inputs, try model.read(inputs: inputs, wanted)) {
        #expect(try model.read(inputs: [input], wanted)[0].byName == reading.byName, "\(precision)")
      }
    }
  }

  @Test("Usual positions, a mask that hides nothing and state 0 change no bit", arguments: ["esm2", "esm1b"])
  func same(_ name: String) throws {
    let model = try FamilyGolden.model(name), tokens = model.tokenizer.encode("MK<mask>VRQ")
    let expected = try model.read([tokens], model.everything)[0].byName
    let first = name == "esm2" ? 0 : 2
    for input in [
      ESM.Input(tokens: tokens, positions: Array(first..<first + 8)),
      ESM.Input(tokens: tokens, attentionMask: [Bool](repeating: true, count: 8)),
    ] { #expect(try model.read(inputs: [input], model.everything)[0].byName == expected) }
    let states = try #require(try model.read([tokens], ESM.Wanted(layers: [0]))[0].representations[0])
    let again = try model.read(inputs: [ESM.Input(embeddings: states)], ESM.Wanted(logits: true))[0]
    #expect(again.byName["logits"] == expected["logits"])
  }

  @Test("What is masked at the end changes nothing before it, as padding") func padding() throws {
    for name in ["esm2", "esm1b"] {
      let model = try FamilyGolden.model(name)
      let short = try model.read([[0, 20, 15, 2]], ESM.Wanted(layers: [-1]))[0].representations
      let padded = ESM.Input(tokens: [0, 20, 15, 2, 1, 1], attentionMask: [true, true, true, true, false, false])
      let long = try model.read(inputs: [padded], ESM.Wanted(layers: [-1]))[0].representations
      let layer = model.description.layers
      #expect(try #require(long[layer]).rows(0..<4) == short[layer], "\(name)")
    }
  }

  @Test("Embeddings as they are stored") func words() throws {
    let model = try FamilyGolden.model("esm2"), golden = try Self.cases().words
    #expect(try model.wordEmbeddings(of: golden.tokens).values == golden.values)
    #expect(try model.wordEmbeddings(of: []).rows == 0)
    #expect(throws: ModelError.self) { try model.wordEmbeddings(of: [33]) }
  }

  @Test("Parts that do not fit are named") func refusals() throws {
    let rotary = try FamilyGolden.model("esm2"), learned = try FamilyGolden.model("esm1b")
    func message(_ model: ESM, _ input: ESM.Input, _ wanted: ESM.Wanted = ESM.Wanted(layers: [-1])) -> String {
      do {
        _ = try model.read(inputs: [input], wanted)
        return "read"
      } catch {
        return "\(error)"
      }
    }
    let narrow = Matrix(rows: 2, columns: 3, values: [0, 0, 0, 0, 0, 0])
    let states = Matrix(rows: 2, columns: 24, values: [Float](repeating: 1, count: 48))
    let none = Matrix(rows: 0, columns: 24, values: [])
    #expect(message(rotary, ESM.Input(embeddings: narrow)) == "embeddings: found 3 columns, expected 24, the model's")
    #expect(message(rotary, ESM.Input(embeddings: none)).contains("found no residues"))
    #expect(message(rotary, ESM.Input(embeddings: states), ESM.Wanted(contacts: true)).contains("found embeddings"))
    #expect(message(rotary, ESM.Input(embeddings: states, positions: [Int.max, Int.min])) == "read")
    #expect(
      message(learned, ESM.Input(embeddings: states, positions: [2, 3])).contains("found positions of embeddings"))
    #expect(
      message(rotary, ESM.Input(tokens: [0, 2], positions: [1])) == "positions: found 1, expected 2, one for each token"
    )
    for position in [43, -1] {
      let text = message(learned, ESM.Input(tokens: [0, 2], positions: [2, position]))
      #expect(text == "positions: found \(position), expected 0 to 42, as many as the model has learned")
    }
    #expect(message(rotary, ESM.Input(tokens: [0, 2], attentionMask: [true])).contains("found 1 values, expected 2"))
    #expect(message(rotary, ESM.Input(tokens: [0, 2], attentionMask: [false, false])).contains("at least one"))
    // Positions that are given may repeat, so that a sequence may be longer than the table.
    let long = [Int](repeating: 5, count: 60)
    #expect(message(learned, ESM.Input(tokens: long)).contains("found 60 tokens"))
    #expect(message(learned, ESM.Input(tokens: long, positions: [Int](repeating: 9, count: 60))) == "read")
  }
}
