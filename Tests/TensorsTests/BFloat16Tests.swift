// The bfloat16 kernels against scalar twins that round their operands the same way, on every instruction set: with the
// instruction if the machine has it, spelled out otherwise.

import Glibc
import Tensors
import TestSupport
import Testing

/// Operands are rounded alike on both sides, so only the order of float32 sums differs, as for float32 operands.
private let tolerance: Float = 2e-5
/// One rounding to bfloat16: 8 bits of mantissa, half a unit in the last place.
private let rounding: Float = 1.0 / 256

@Suite("bfloat16") struct BFloat16Tests {
  init() { Buffer.isPoisoned = true }

  @Test("Rounding", arguments: KernelTests.sets) func roundsToNearest(_ kernels: Kernels) {
    var random = RandomNumbers(seed: 5)
    // Ordinary numbers, ties (lower half exactly 0x8000) of even and odd upper halves, ends of the range, zeros.
    let edges: [UInt32] = [
      0x3f80_8000, 0x3f81_8000, 0x3f80_7fff, 0x3f80_8001, 0xbf81_8000, 0x7f7f_0000, 0x0080_0000, 0, 0x8000_0000,
    ]
    var values = random.floats(40, in: -1000...1000) + edges.map(Float.init(bitPattern:))
    values += values.map { $0 * 1e-3 }
    let rows = Tensor<2>([1, values.count], values), wide = Tensor<2>([values.count, 1])
    let scratch = Scratch(workers: 1, floats: 4 * values.count)
    defer { withExtendedLifetime((rows, wide, scratch)) {} }
    var taker = scratch.taker(0)
    let operand = taker.operand(Rows(rows), .bfloat16, kernels: kernels)
    kernels.transpose(operand, into: Rows(wide))
    #expect(wide.values == values.map(BFloat16.rounded), "\(kernels.name)")
  }

  @Test("Products", arguments: KernelTests.sets, [1, 2, 15, 16, 17, 33, 64, 65, 130])
  func products(_ kernels: Kernels, _ columns: Int) {
    var random = RandomNumbers(seed: UInt64(columns) + 7)
    for rows in [1, 5, 6, 7, 13] {
      for depth in [1, 2, 3, 8, 16, 17, 31, 40] {
        let a = random.floats(rows * depth), b = random.floats(columns * depth), c = random.floats(rows * columns)
        let aTensor = Tensor<2>([rows, depth], a), bTensor = Tensor<2>([columns, depth], b)
        let transposed = Tensor<2>(
          [depth, columns], (0..<depth).flatMap { k in (0..<columns).map { b[$0 * depth + k] } })
        let out = Tensor<2>([rows, columns], c)
        let back = Tensor<2>([columns, rows])
        let scratch = Scratch(
          workers: 1,
          floats: 3 * kernels.packedCount(columns: columns, depth: depth) + 4 * (rows + columns) * (depth + 64) + rows
            * (columns + 64))
        defer { withExtendedLifetime((aTensor, bTensor, transposed, scratch)) {} }
        var taker = scratch.taker(0)
        let operand = taker.operand(Rows(aTensor), .bfloat16, kernels: kernels)
        let expected = ScalarKernels.product(
          a.map(BFloat16.rounded), b.map(BFloat16.rounded), rows: rows, columns: columns, depth: depth)
        let note: Comment = "\(kernels.name) \(rows) × \(columns) × \(depth)"

        let packed = kernels.packTransposed(Rows(bTensor), .bfloat16, scratch: &taker)
        kernels.multiply(operand, packed, into: Rows(out), Epilogue(accumulates: true))
        let sums = zip(expected, c).map { Float($0 + Double($1)) }
        #expect(Closeness(out.values, sums).isWithin(relative: tolerance), note)

        // Packed from the other layout, and from already rounded values.
        let straight = kernels.pack(Rows(transposed), .bfloat16, scratch: &taker)
        kernels.multiply(operand, straight, into: Rows(out), Epilogue(activation: .relu))
        let positive = expected.map { Float(max($0, 0)) }
        #expect(Closeness(out.values, positive).isWithin(relative: tolerance), note)
        let narrowB = taker.operand(Rows(bTensor), .bfloat16, kernels: kernels)
        kernels.multiply(operand, kernels.packTransposed(narrowB, scratch: &taker), into: Rows(out))
        let plain = Closeness(out.values, expected.map { Float($0) })
        #expect(plain.isWithin(relative: tolerance), note)

        // A result used as the next product's operand.
        let narrow = taker.operand(rows, columns, .bfloat16)
        kernels.multiply(operand, packed, into: narrow, Epilogue(activation: .gelu))
        kernels.transpose(narrow, into: Rows(back))
        let found = (0..<rows).flatMap { row in (0..<columns).map { back.pointer[$0 * rows + row] } }
        let gelu = expected.map { Float(ScalarKernels.gelu($0)) }
        #expect(Closeness(found, gelu).isWithin(relative: rounding), note)
      }
    }
  }
}
