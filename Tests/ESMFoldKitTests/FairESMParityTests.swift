// Meta's own checkpoints, imported directly, against the values of fair-esm and, for folding, of transformers.

import ESMFoldKit
import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// Float32 sums in a different order through two layers, relative to a tensor's largest magnitude.
private let tolerance: Float = 2e-5
/// Å, of a fold of eleven residues in four passes with random weights.
private let coordinateTolerance: Float = 2e-4
/// On the scale 0-1.
private let confidenceTolerance: Float = 2e-5

@Suite("Parity with fair-esm") struct FairESMParityTests {
  init() { Buffer.isPoisoned = true }

  /// Opens a checkpoint as `--model FILE` does.
  private func location(_ name: String, in cache: String) throws -> ModelLocation {
    try ModelLocation.resolve(Fixtures.path("torch/\(name)"), cacheFolder: cache).importIfNeeded()
  }

  private func withCache(_ body: (String) throws -> Void) throws {
    let cache = NSTemporaryDirectory() + "esmfold-fair-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: cache) }
    try body(cache)
  }

  @Test("States, logits and contacts", arguments: ["esm2_tiny", "esm1b_tiny", "esm1v_tiny"])
  func languageModels(_ name: String) throws {
    try withCache { cache in
      let model = try ESM(location("fair-esm/\(name).pt", in: cache), threads: 2)
      #expect(model.description.hasContactHead == (name != "esm1v_tiny") && model.description.hasMaskedLanguageHead)
      for golden in try FamilyGolden(path: Fixtures.path("torch/fair-esm/\(name).safetensors")).cases {
        let found = try model.read([golden.tokens], model.everything)[0].byName
        for (key, expected) in golden.values {
          let closeness = Closeness(try #require(found[key]), expected)
          let place = "\(name), \(golden.tokens.count) tokens, \(key)"
          #expect(closeness.isWithin(relative: tolerance), "\(place): \(closeness)")
        }
      }
    }
  }

  @Test("A fold with a trunk and the language model beside it") func folding() throws {
    let file = try Safetensors(Fixtures.path("torch/esmfold/values.safetensors"))
    let expected = try file.allValues()
    try withCache { cache in
      let model = try ESMFold(location("esmfold", in: cache), threads: 2)
      let result = try model.fold(FoldRequest(sequence: try #require(file.metadata["sequence"])))
      let positions = Closeness(result.positions, try #require(expected["positions"]))
      #expect(positions.maximum <= coordinateTolerance, "positions: \(positions)")
      let plddt = Closeness(result.plddt.map { $0 / 100 }, try #require(expected["plddt"]))
      #expect(plddt.maximum <= confidenceTolerance, "plddt: \(plddt)")
      let ptm = Closeness([result.ptm], try #require(expected["ptm"]))
      #expect(ptm.maximum <= confidenceTolerance, "ptm: \(ptm)")
    }
  }
}
