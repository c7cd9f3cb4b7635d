// Means over windows against those of the reference's own readings of each window.

import ESMFoldKit
import Glibc
import TestSupport
import Testing
import Weights

/// Float32 sums in a different order, and means of them; relative to a tensor's largest magnitude.
private let tolerance: Float = 2e-5

@Suite("Parity of windows") struct WindowParityTests {
  private struct Case {
    let model: String, tokens: [Int], longest: Int, overlap: Int, starts: [Int]
    let values: [String: [Float]]
  }

  private static func cases() throws -> [Case] {
    let file = try Safetensors(Fixtures.path("family/windows.safetensors")), values = try file.allValues()
    func text(_ number: Int, _ name: String) throws -> String { try #require(file.metadata["\(number).\(name)"]) }
    func numbers(_ number: Int, _ name: String) throws -> [Int] {
      try text(number, name).split(separator: " ").map { try #require(Int($0)) }
    }
    let count = file.metadata.keys.filter { $0.hasSuffix(".model") }.count
    return try (0..<count).map { number in
      let cut = try numbers(number, "cut"), prefix = "\(number)."
      let own = values.filter { $0.key.hasPrefix(prefix) }
      return Case(
        model: try text(number, "model"), tokens: try numbers(number, "tokens"), longest: cut[0], overlap: cut[1],
        starts: try numbers(number, "starts"),
        values: Dictionary(uniqueKeysWithValues: own.map { (String($0.key.dropFirst(prefix.count)), $0.value) }))
    }
  }

  @Test("States, logits, contacts, pooled vectors and classes, with and without <cls> and <eos>") func means() throws {
    let cases = try Self.cases()
    #expect(cases.count == 7)
    for (number, golden) in cases.enumerated() {
      let model = try FamilyGolden.model(golden.model)
      let windows = try model.windows(of: golden.tokens, longest: golden.longest, overlap: golden.overlap)
      #expect(windows.map(\.lowerBound) == golden.starts, "case \(number)")
      var wanted = model.everything
      wanted.attentions = false
      let reading = try model.readInWindows(
        golden.tokens, wanted, longest: golden.longest, overlap: golden.overlap)
      #expect(reading.tokens == golden.tokens && reading.attentions == nil)
      let found = Summary.all(of: reading.byName, tokens: golden.tokens.count)
      for (key, expected) in golden.values {
        let closeness = Closeness(try #require(found[key], "case \(number): no \(key)"), expected)
        #expect(closeness.isWithin(relative: tolerance), "case \(number), \(key): \(closeness)")
      }
    }
  }

  @Test("By default a model's windows are as long as it can read and overlap by 256 residues") func usual() throws {
    let golden = try #require(try Self.cases().first { $0.model == "esm1b-long" })
    let model = try FamilyGolden.model("esm1b-long")
    let reading = try model.readInWindows(golden.tokens, ESM.Wanted(layers: [3], logits: true))
    let found = Summary.all(of: reading.byName, tokens: golden.tokens.count)
    for (key, values) in found {
      let closeness = Closeness(values, try #require(golden.values[key]))
      #expect(closeness.isWithin(relative: tolerance), "\(key): \(closeness)")
    }
    // A model without a limit reads everything at once, however long.
    let rotary = try FamilyGolden.model("esm2")
    #expect(
      try rotary.readInWindows(golden.tokens, ESM.Wanted(layers: [3])).byName
        == rotary.read([golden.tokens], ESM.Wanted(layers: [3]))[0].byName)
  }

  @Test("Scores of a sequence beyond the learned positions come from its windows, or are refused") func scores() throws
  {
    let golden = try #require(try Self.cases().first { $0.model == "esm1b-long" })
    let model = try FamilyGolden.model("esm1b-long"), tokens = golden.tokens
    func expected(_ tokens: [Int], _ position: Int) throws -> [Float] {
      let logits = try #require(try model.readInWindows(tokens, ESM.Wanted(logits: true)).logits)
      let row = logits.row(position + 1).map(Double.init), largest = row.max() ?? 0
      let sum = row.reduce(0.0) { $0 + exp($1 - largest) }
      return row.map { Float($0 - largest - log(sum)) }
    }
    let positions = [349, 3]
    let wildType = try model.logProbabilities(of: tokens, .wildType, positions: positions, windows: true)
    let masked = try model.logProbabilities(of: tokens, .masked, positions: positions, windows: true)
    for (row, position) in positions.enumerated() {
      var copy = tokens
      copy[position + 1] = model.tokenizer.mask
      #expect(Closeness(Array(wildType.row(row)), try expected(tokens, position)).isWithin(relative: tolerance))
      #expect(Closeness(Array(masked.row(row)), try expected(copy, position)).isWithin(relative: tolerance))
    }
    #expect(throws: ModelError.self) { try model.logProbabilities(of: tokens, .wildType) }
    #expect(throws: ModelError.self) { try model.logProbabilities(of: tokens, .masked, positions: [3]) }
  }
}
