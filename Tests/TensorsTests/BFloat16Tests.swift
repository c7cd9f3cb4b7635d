// The bfloat16 kernels against scalar twins that round their operands the same way, on every instruction set: with the
// instruction where the machine has it, spelled out elsewhere.

import Glibc
import Tensors
import TestSupport
import Testing

/// Operands are rounded alike on both sides, so only the order of float32 sums differs, as for float32 operands.
private let tolerance: Float = 2e-5
/// One rounding to bfloat16: 8 bits of mantissa, half a unit in the last place.
private let rounding: Float = 1.0 / 256

@Suite("bfloat16") struct BFloat16Tests {
  /// The nearest bfloat16, ties to even.
  private static func rounded(_ x: Float) -> Float {
    let bits = x.bitPattern
    return Float(bitPattern: (bits &+ 0x7fff &+ ((bits >> 16) & 1)) & 0xffff_0000)
  }

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
    #expect(wide.values == values.map(Self.rounded), "\(kernels.name)")
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
          a.map(Self.rounded), b.map(Self.rounded), rows: rows, columns: columns, depth: depth)
        let note: Comment = "\(kernels.name) \(rows) × \(columns) × \(depth)"

        let packed = kernels.packTransposed(Rows(bTensor), .bfloat16, scratch: &taker)
        kernels.multiply(operand, packed, into: Rows(out), Epilogue(accumulates: true))
        let sums = zip(expected, c).map { Float($0 + Double($1)) }
        #expect(Closeness(out.values, sums).isWithin(relative: tolerance), note)

        // Packed from the other layout, and from values that are rounded already.
        let straight = kernels.pack(Rows(transposed), .bfloat16, scratch: &taker)
        kernels.multiply(operand, straight, into: Rows(out), Epilogue(activation: .relu))
        let positive = expected.map { Float(max($0, 0)) }
        #expect(Closeness(out.values, positive).isWithin(relative: tolerance), note)
        let narrowB = taker.operand(Rows(bTensor), .bfloat16, kernels: kernels)
        kernels.multiply(operand, kernels.packTransposed(narrowB, scratch: &taker), into: Rows(out))
        let plain = Closeness(out.values, expected.map { Float($0) })
        #expect(plain.isWithin(relative: tolerance), note)

        // A result that feeds the next product.
        let narrow = taker.operand(rows, columns, .bfloat16)
        kernels.multiply(operand, packed, into: narrow, Epilogue(activation: .gelu))
        kernels.transpose(narrow, into: Rows(back))
        let found = (0..<rows).flatMap { row in (0..<columns).map { back.pointer[$0 * rows + row] } }
        let gelu = expected.map { Float(ScalarKernels.gelu($0)) }
        #expect(Closeness(found, gelu).isWithin(relative: rounding), note)
      }
    }
  }

  @Test("Transposes between the formats", arguments: KernelTests.sets, KernelTests.counts)
  func transposes(_ kernels: Kernels, _ columns: Int) {
    var random = RandomNumbers(seed: UInt64(columns))
    for rows in [1, 7, 8, 15, 16, 17, 40] {
      let x = random.floats(rows * columns)
      let from = Tensor<2>([rows, columns], x), to = Tensor<2>([rows, columns])
      let scratch = Scratch(workers: 1, floats: (rows + 2) * (columns + 2))
      defer { withExtendedLifetime((from, scratch)) {} }
      var taker = scratch.taker(0)
      let narrow = taker.operand(columns, rows, .bfloat16)
      kernels.transpose(Rows(from), into: narrow)
      kernels.transpose(narrow, into: Rows(to))
      #expect(to.values == x.map(Self.rounded))
    }
  }

  @Test("Attention", arguments: KernelTests.sets, [1, 2, 47, 49, 151]) func attention(_ kernels: Kernels, _ length: Int)
  {
    var random = RandomNumbers(seed: UInt64(length))
    for width in [3, 16, 32] {
      let shape: [2 of Int] = [length, width]
      let q = Tensor(shape, random.floats(length * width)), k = Tensor(shape, random.floats(length * width))
      let v = Tensor(shape, random.floats(length * width))
      let bias = Tensor<2>([length, length], random.floats(length * length))
      var results: [[Float]] = []
      for precision in Precision.allCases {
        let scratch = Scratch(
          workers: 1,
          floats: Attention.scratchFloats(keys: length, width: width, precision: precision, kernels: kernels))
        defer { withExtendedLifetime((q, k, v, bias, scratch)) {} }
        var taker = scratch.taker(0)
        let out = Tensor<2>(shape)
        Attention.attend(
          q: Rows(q), k: Rows(k), v: Rows(v), bias: Rows(bias), scale: 0.4, into: Rows(out), precision: precision,
          scratch: &taker, kernels: kernels)
        results.append(out.values)
      }
      // The weights, which sum to 1, and the values are rounded: two roundings of numbers up to 1.
      #expect(Closeness(results[1], results[0]).maximum <= 2 * rounding)
      #expect(results[1] != results[0])
    }
  }

  @Test("Streamed weights of every type", arguments: [ElementType.float32, .float16, .bfloat16], [1, 2])
  func linear(_ type: ElementType, _ threads: Int) {
    let (rows, inputs, outputs) = (11, 1101, 150)
    var random = RandomNumbers(seed: 3)
    let weight = (0..<inputs * outputs).map { _ in Float(Int.random(in: -8...8, using: &random)) / 16 }
    let bias = random.floats(outputs), x = random.floats(rows * inputs)
    let layer = Linear(
      weight: ProductTests.stored(weight, as: type, shape: [outputs, inputs]), bias: Tensor(bias), precision: .bfloat16)
    let scratch = Scratch(
      workers: threads, floats: Linear.scratchFloats, shared: Precision.bfloat16.floats(rows, inputs))
    let out = Tensor<2>([rows, outputs])
    layer(Tensor<2>([rows, inputs], x), into: out, scratch: scratch, threads: Threads(threads))
    let product = ScalarKernels.product(x.map(Self.rounded), weight, rows: rows, columns: outputs, depth: inputs)
    let expected = product.indices.map { Float(product[$0] + Double(bias[$0 % outputs])) }
    let closeness = Closeness(out.values, expected)
    #expect(closeness.isWithin(relative: tolerance), "\(closeness)")
  }

  @Test("Weights packed at load give the bits of streamed ones", arguments: Precision.allCases, [1, 100])
  func packedLinear(_ precision: Precision, _ rows: Int) {
    // Depth beyond one step of the panel, columns beyond several panels, rows beyond one task.
    let (inputs, outputs) = (1101, 150)
    var random = RandomNumbers(seed: 4)
    let weight = ProductTests.stored(random.floats(inputs * outputs), as: .float32, shape: [outputs, inputs])
    let bias = Tensor<1>(random.floats(outputs)), x = Tensor<2>([rows, inputs], random.floats(rows * inputs))
    let results = [false, true].map { packing in
      let scratch = Scratch(
        workers: 2, floats: Linear.scratchFloats, shared: Precision.bfloat16.floats(rows, inputs))
      let out = Tensor<2>([rows, outputs])
      Linear(weight: weight, bias: bias, precision: precision, packing: packing)(
        x, into: out, activation: .relu, scratch: scratch, threads: Threads(2))
      return out.values
    }
    #expect(results[0] == results[1])
    #expect(results[0].contains { $0 > 0 })
  }
}
