// Sequences beyond a model's learned positions, in windows.

import ESMFoldKit
import TestSupport
import Testing

@Suite("Windows") struct WindowTests {
  /// Windows of 27 tokens for a model with 41 positions, overlapping by 10.
  private static let longest = 27, overlap = 10
  private static let sequence = [0] + (0..<60).map { 4 + $0 * 7 % 20 } + [2]

  @Test("Windows cover the sequence, overlap enough and are as few as possible") func cover() throws {
    let model = try FamilyGolden.model("esm1b")
    for count in 1..<200 {
      let sequence = [0] + [Int](repeating: 5, count: count) + [2]
      let windows = try model.windows(of: sequence, longest: Self.longest, overlap: Self.overlap)
      let size = Self.longest - 2
      #expect(windows.first?.lowerBound == 0 && windows.last?.upperBound == count)
      for (one, next) in zip(windows, windows.dropFirst()) {
        #expect(one.upperBound - next.lowerBound >= Self.overlap && one.count == size && next.count == size)
      }
      let steps = max(0, count - size)
      #expect(windows.count == 1 + (steps + size - Self.overlap - 1) / (size - Self.overlap))
    }
  }

  @Test("Every value is the mean over the windows that contain it") func means() throws {
    let model = try FamilyGolden.model("esm1b"), sequence = Self.sequence
    let wanted = ESM.Wanted(layers: [1, 3], logits: true, contacts: true)
    let whole = try model.readInWindows(sequence, wanted, longest: Self.longest, overlap: Self.overlap)
    let windows = try model.windows(of: sequence, longest: Self.longest, overlap: Self.overlap)
    let parts = try windows.map {
      try model.read([[0] + sequence[1...][($0.lowerBound + 1)...$0.upperBound] + [2]], wanted)[0]
    }
    let logits = try #require(whole.logits), contacts = try #require(whole.contacts)
    for residue in 0..<60 {
      let holders = windows.indices.filter { windows[$0].contains(residue) }
      let expected = (0..<33).map { column in
        let values = holders.map { parts[$0].logits?[residue - windows[$0].lowerBound + 1, column] ?? .nan }
        return values.reduce(0, +) / Float(values.count)
      }
      #expect(Closeness(Array(logits.row(residue + 1)), expected).isWithin(relative: 1e-6), "residue \(residue)")
      let other = 59 - residue
      let both = holders.filter { windows[$0].contains(other) }
      let sum = both.map {
        parts[$0].contacts?[residue - windows[$0].lowerBound, other - windows[$0].lowerBound] ?? .nan
      }.reduce(0, +)
      #expect(abs(contacts[residue, other] - (both.isEmpty ? 0 : sum / Float(both.count))) < 1e-6)
    }
    #expect(whole.representations[3]?.rows == 62 && whole.residues(ofLayer: 3)?.rows == 60)
  }

  @Test("A sequence that fits is bit-identical to a plain reading") func short() throws {
    let model = try FamilyGolden.model("esm1b"), sequence = Array(Self.sequence.prefix(30))
    let wanted = ESM.Wanted(layers: [3], logits: true)
    #expect(try model.readInWindows(sequence, wanted).byName == model.read([sequence], wanted)[0].byName)
  }

  @Test("Attention maps and windows that are too short are refused") func refusals() throws {
    let model = try FamilyGolden.model("esm1b")
    #expect(throws: ModelError.self) {
      try model.readInWindows(Self.sequence, ESM.Wanted(attentions: true), longest: Self.longest, overlap: Self.overlap)
    }
    #expect(throws: ModelError.self) { try model.windows(of: Self.sequence, longest: 12, overlap: 10) }
  }
}
