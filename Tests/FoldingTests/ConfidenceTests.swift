// pTM and predicted aligned error of given logits, against the reference.

import Folding
import Protein
import Synchronization
import Tensors
import TestSupport
import Testing

/// Softmax and sums of 64 float32 terms, relative to the largest value.
private let tolerance: Float = 1e-5

@Suite("Confidence") struct ConfidenceTests {
  init() { Buffer.isPoisoned = true }

  @Test("pTM and aligned error", arguments: [1, 19, 20, 45]) func alignedError(_ length: Int) throws {
    let fixture = try structureFixture("confidence")
    let rows = try #require(fixture["L\(length).rows"]), columns = try #require(fixture["L\(length).columns"])
    let found = ConfidenceHeads.alignedError(
      of: ChainLayout([ResidueType](repeating: .unknown, count: length)),
      scratch: Scratch(workers: 2, floats: ConfidenceHeads.scratchFloats), threads: Threads(2)
    ) { i, tile, logits in
      for (row, j) in tile.enumerated() {
        for bin in 0..<64 { logits[row, bin] = rows[i * 64 + bin] + columns[j * 64 + bin] }
      }
    }
    #expect(Closeness([found.ptm], fixture["L\(length).ptm"] ?? []).isWithin(relative: tolerance))
    #expect(found.interfaces == nil)
    let closeness = Closeness(found.expected, fixture["L\(length).predicted_aligned_error"] ?? [])
    #expect(closeness.isWithin(relative: tolerance), "\(closeness)")
    #expect(fixture["L\(length).max_predicted_aligned_error"] == [ConfidenceHeads.maximumPredictedAlignedError])
  }

  /// The pairs that scratch is sized for: a longer tile would take windows that wide modules do not have.
  @Test(
    "Tiles hold 96 pairs at most, and together every pair once", arguments: [1, 2, 95, 96, 97, 131, 191, 192, 193, 289])
  func tiles(_ length: Int) {
    for threads in [1, 2] {
      let seen = Mutex([Int](repeating: 0, count: length * length))
      _ = ConfidenceHeads.alignedError(
        of: ChainLayout([ResidueType](repeating: .unknown, count: length)),
        scratch: Scratch(workers: threads, floats: ConfidenceHeads.scratchFloats), threads: Threads(threads)
      ) { i, tile, logits in
        logits.fill(0)
        seen.withLock { seen in for j in tile { seen[i * length + j] += 1 } }
        #expect(!tile.isEmpty && tile.count <= 96 && logits.count == tile.count)
      }
      let isCovered = seen.withLock { $0.allSatisfy { $0 == 1 } }
      #expect(isCovered, "\(threads) threads")
    }
  }
}
