// Per-thread scratch: windows never overlap, blocks are never shared, and misuse ends the program.

import Glibc
import Synchronization
import Tensors
import TestSupport
import Testing

/// The tensors that a tap received.
final class Recorder: Sendable {
  private let taken = Mutex<[(String, [Float])]>([])

  func record(_ name: String, _ values: [Float]) { taken.withLock { $0.append((name, values)) } }
  var names: [String] { taken.withLock { $0.map(\.0) } }
  var values: [[Float]] { taken.withLock { $0.map(\.1) } }
}

@Suite("Scratch") struct ScratchTests {
  init() { Buffer.isPoisoned = true }

  /// The addresses of a window's first and last float, and whether it is aligned.
  private static func extent(_ rows: Rows) -> ClosedRange<UInt> {
    let first = UInt(bitPattern: rows.pointer)
    return first...first + UInt(4 * max(rows.count * rows.stride, 1) - 1)
  }

  @Test("Windows of one worker are consecutive") func windows() {
    let scratch = Scratch(workers: 1, floats: 1000)
    defer { withExtendedLifetime(scratch) {} }
    var taker = scratch.taker(0)
    var extents: [ClosedRange<UInt>] = []
    for (number, (count, columns)) in [(1, 1), (3, 5), (2, 8), (1, 17), (4, 16), (7, 3)].enumerated() {
      let rows = taker.rows(count, columns)
      #expect((rows.count, rows.columns, rows.stride) == (count, columns, columns))
      #expect(rows.values.allSatisfy { $0.isNaN }, "what the last task left is not to be read")
      rows.fill(Float(number))
      extents.append(Self.extent(rows))
    }
    let operand = taker.operand(3, 5, .bfloat16)
    #expect((operand.count, operand.columns, operand.stride) == (3, 5, 6))
    extents.append(UInt(bitPattern: operand.start)...UInt(bitPattern: operand.start) + 35)
    #expect(extents.allSatisfy { $0.lowerBound % 64 == 0 })
    #expect(zip(extents, extents.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    let sizes: [Int] = [0] + [Int](repeating: 16, count: 16) + [Int](repeating: 32, count: 16) + [48]
    #expect((0...33).map(Scratch.rounded) == sizes)
  }

  @Test("Spread rows begin in as many sets of a cache as there are rows", arguments: [1, 16, 17, 33, 128, 512, 1024])
  func spread(_ columns: Int) {
    let scratch = Scratch(workers: 1, floats: 64 * 1040)
    defer { withExtendedLifetime(scratch) {} }
    var taker = scratch.taker(0)
    let rows = taker.spreadRows(64, columns), next = taker.rows(1, 1)
    #expect((rows.count, rows.columns) == (64, columns) && rows.stride >= columns && rows.stride < columns + 32)
    // 64 sets of lines of 64 bytes: a first-level cache.
    #expect(Set((0..<64).map { $0 * rows.stride * 4 / 64 % 64 }).count == 64)
    #expect(Self.extent(rows).upperBound < Self.extent(next).lowerBound)
  }

  @Test("A taker starts at its worker's block, a copy where it was copied") func beginnings() {
    let scratch = Scratch(workers: 2, floats: 64)
    defer { withExtendedLifetime(scratch) {} }
    var first = scratch.taker(1)
    let a = first.rows(1, 16)
    var copy = first
    let b = first.rows(1, 16), c = copy.rows(1, 16)
    #expect(b.pointer == c.pointer && b.pointer == a.pointer + 16)
    var second = scratch.taker(1)
    #expect(second.rows(1, 1).pointer == a.pointer)
  }

  @Test("Each worker has its own block of the requested size", arguments: [1, 15, 16, 17, 64, 1000])
  func workers(_ floats: Int) {
    let scratch = Scratch(workers: 5, floats: floats, shared: 48)
    defer { withExtendedLifetime(scratch) {} }
    let blocks = (0..<5).map { worker in
      var taker = scratch.taker(worker)
      return taker.rows(1, floats)
    }
    for (worker, block) in blocks.enumerated() { block.fill(Float(worker)) }
    for (worker, block) in blocks.enumerated() { #expect(block.values.allSatisfy { $0 == Float(worker) }) }
    let extents = blocks.map(Self.extent)
    // No two threads ever write to the same cache line.
    #expect(zip(extents, extents.dropFirst()).allSatisfy { $0.upperBound / 64 < $1.lowerBound / 64 })
  }

  @Test("A new task finds NaN in its own block only") func poison() {
    let scratch = Scratch(workers: 3, floats: 40)
    defer { withExtendedLifetime(scratch) {} }
    let blocks = (0..<3).map { worker in
      var taker = scratch.taker(worker)
      return taker.rows(1, 40)
    }
    for block in blocks { block.fill(1) }
    _ = scratch.taker(1)
    #expect(blocks[0].values.allSatisfy { $0 == 1 } && blocks[2].values.allSatisfy { $0 == 1 })
    #expect(blocks[1].values.allSatisfy { $0.isNaN })
  }

  // MARK: Misuse

  /// Misuse that must end the process at once, and the nearest valid use.
  enum Mistake: String, Codable, CaseIterable, CustomTestStringConvertible {
    case rowsBelow, rowsBeyond, columnsBelow, columnsBeyond, operandRows, operandColumns, oddOperandColumn, oddStride
    case narrowStride, row, column, viewBeyond, viewBefore, tensorBeyond, tensorBefore, tensorValues, negativeExtent
    case subscriptBeyond, subscriptBefore, storedBeyond, storedBefore, storedMisaligned, storedIntegers
    case scratchBeyond, worker, copyRows, copyColumns, gemmDepth, gemmRows, gemmColumns, gemmPrecision
    case narrowAccumulates, transposeRows, transposeColumns, gateRows, gateColumns, addGatedRows, addColumns
    case softmaxBias, rotateWidth, rotateStride, distances, features, attentionKeys, attentionValues, weightsColumns
    case layerNormColumns, layerNormRows, layerNormPair, linearRows, linearInputs, linearColumns, linearBias
    case linearShared, packedWeights, threads, tiles

    var testDescription: String { rawValue }
  }

  @Test("A wrong shape or offset ends the process before memory is touched", arguments: Mistake.allCases)
  func mistakes(_ mistake: Mistake) async throws {
    #if arch(x86_64)
      let trap = SIGILL
    #else
      let trap = SIGTRAP
    #endif
    try await Handed.over(mistake) {
      await #expect(processExitsWith: .signal(trap)) {
        let mistake = try Handed.taken(Mistake.self)
        // Without a backtrace, which takes long, and without a core dump.
        for number in [SIGILL, SIGTRAP] { signal(number, SIG_DFL) }
        var none = rlimit()
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        Mistakes.make(mistake, isAllowed: false)
      }
    }
  }

  @Test("One less than the mistake is allowed", arguments: Mistake.allCases) func allowed(_ mistake: Mistake) {
    Mistakes.make(mistake, isAllowed: true)
  }
}
