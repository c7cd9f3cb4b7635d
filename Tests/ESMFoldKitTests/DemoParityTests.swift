// The embedded model gives the same results as the reference with the same weights, rounded to float16.

import ESMFoldKit
import Tensors
import TestSupport
import Testing
import Weights

/// Å: no more than the effect of float32 sums in a different order.
private let coordinateTolerance: Float = 0.002
/// On the scale 0–100.
private let plddtTolerance: Float = 0.02
/// Relative to a tensor's largest magnitude.
private let activationTolerance: Float = 2e-4

@Suite("Parity of the demo model") struct DemoParityTests {
  init() { Buffer.isPoisoned = true }

  @Test("Final outputs", arguments: 0..<2) func outputs(_ index: Int) throws {
    let file = try Safetensors(Fixtures.path("folding/demo-check.safetensors"))
    let expected = try file.allValues()
    let sequence = try #require(file.metadata["\(index).sequence"])
    let result = try ESMFold(.demo, threads: 2).fold(FoldRequest(sequence: sequence))
    #expect(result.sequence == sequence)

    func difference(_ name: String, _ found: [Float], scale: Float = 1) throws -> Closeness {
      Closeness(found, try #require(expected["\(index).\(name)"]).map { $0 * scale })
    }
    let positions = try difference("positions", result.positions)
    #expect(positions.maximum <= coordinateTolerance, "positions: \(positions)")
    let plddt = try difference("plddt", result.plddt, scale: 100)
    #expect(plddt.maximum <= plddtTolerance, "plddt: \(plddt)")
    let ptm = try difference("ptm", [result.ptm])
    #expect(ptm.isWithin(relative: activationTolerance), "ptm: \(ptm)")
    let error = try difference("predicted_aligned_error", result.predictedAlignedError)
    #expect(error.isWithin(relative: activationTolerance), "predicted_aligned_error: \(error)")
  }
}
