// Every kernel against its scalar twin, on every instruction set that this machine has, and with the products of OpenBLAS.

import CKernels
import Tensors
import TestSupport
import Testing

/// Float32 sums of up to a few hundred terms of magnitude 1 in a different order, and 2 ulp of exp: within 2e-5.
private let tolerance: Float = 2e-5

@Suite("Kernels against scalar twins") struct KernelTests {
  /// The sets of the program's own.
  static let ownSets = Kernels.available.compactMap(Kernels.init(named:))
  /// All sets. The tests need OpenBLAS anyway.
  static let sets = ownSets + [Kernels(named: "blas")].compactMap(\.self)

  /// Counts around the vector and panel widths, and beyond.
  static let counts = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 128, 130]

  init() { Buffer.isPoisoned = true }

  @Test("Layer norm", arguments: sets, counts) func layerNorm(_ kernels: Kernels, _ columns: Int) {
    let arena = Arena()
    defer { #expect(arena.isIntact) }
    guard columns > 0 else { return }
    var random = RandomNumbers(seed: UInt64(columns))
    for shift in 0..<3 {
      let x = random.floats(3 * columns, in: -3...5), gain = random.floats(columns), offset = random.floats(columns)
      let input = arena.window(3, columns, shift: shift, x)
      let output = arena.window(3, columns, shift: shift + 1)
      let norm = LayerNorm(weight: Tensor(gain), bias: Tensor(offset), epsilon: 1e-5)
      norm(input, into: output, kernels: kernels)
      let expected = (0..<3).flatMap {
        ScalarKernels.layerNorm(
          Array(x[$0 * columns..<($0 + 1) * columns]), gain: gain, offset: offset, epsilon: 1e-5)
      }
      let closeness = Closeness(output.values, expected)
      #expect(closeness.isWithin(relative: tolerance, absolute: tolerance), "\(kernels.name) \(closeness)")
    }
  }

  @Test("Layer norm of a constant row and of large offsets", arguments: sets) func layerNormEdges(_ kernels: Kernels) {
    let arena = Arena()
    defer { #expect(arena.isIntact) }
    let n = 37
    let norm = LayerNorm(
      weight: Tensor([Float](repeating: 1, count: n)), bias: Tensor([Float](repeating: 0.25, count: n)), epsilon: 1e-5)
    let constant = arena.window(1, n, shift: 0, [Float](repeating: 0, count: n))
    norm(constant, into: constant, kernels: kernels)
    #expect(constant.values == [Float](repeating: 0.25, count: n))
    // E[x²] − mean² would lose all accuracy here.
    let shifted = (0..<n).map { 10_000 + Float($0 % 2) }
    let rows = arena.window(1, n, shift: 0, shifted)
    norm(rows, into: rows, kernels: kernels)
    let expected = ScalarKernels.layerNorm(
      shifted, gain: [Float](repeating: 1, count: n), offset: [Float](repeating: 0.25, count: n), epsilon: 1e-5)
    #expect(Closeness(rows.values, expected).isWithin(relative: 1e-2), "mean of 1e4 is exact to 1e-3 only")
  }

  @Test("Softmax", arguments: sets, counts) func softmax(_ kernels: Kernels, _ columns: Int) {
    let arena = Arena()
    defer { #expect(arena.isIntact) }
    guard columns > 0 else { return }
    var random = RandomNumbers(seed: UInt64(columns) + 1000)
    for shift in 0..<3 {
      for isBiased in [false, true] {
        let x = random.floats(4 * columns, in: -40...40), bias = random.floats(4 * columns, in: -5...5)
        let rows = arena.window(4, columns, shift: shift, x)
        let biasRows = arena.window(4, columns, shift: shift + 1, bias)
        let scratch = Scratch(workers: 1, floats: 64)
        var taker = scratch.taker(0)
        kernels.softmax(rows, scale: 0.7, bias: isBiased ? biasRows : nil, scratch: &taker)
        let expected = (0..<4).flatMap { row in
          let range = row * columns..<(row + 1) * columns
          return ScalarKernels.softmax(Array(x[range]), scale: 0.7, bias: isBiased ? Array(bias[range]) : nil)
        }
        let closeness = Closeness(rows.values, expected)
        #expect(closeness.isWithin(relative: tolerance), "\(kernels.name) \(closeness)")
      }
    }
  }

  @Test("Gates", arguments: sets, counts) func gates(_ kernels: Kernels, _ columns: Int) {
    let arena = Arena()
    defer { #expect(arena.isIntact) }
    var random = RandomNumbers(seed: UInt64(columns) + 2000)
    let x = random.floats(2 * columns), y = random.floats(2 * columns)
    let gate = random.floats(2 * columns, in: -100...100)
    for shift in 0..<3 {
      let xRows = arena.window(2, columns, shift: shift, x)
      let gateRows = arena.window(2, columns, shift: 2 - shift, gate)
      let yRows = arena.window(2, columns, shift: shift + 1, y)
      kernels.addGated(xRows, by: gateRows, to: yRows)
      kernels.gate(xRows, by: gateRows)
      let gated = zip(x, gate).map { $0 * ScalarKernels.sigmoid($1) }
      #expect(Closeness(xRows.values, gated).isWithin(relative: tolerance))
      #expect(Closeness(yRows.values, zip(y, gated).map(+)).isWithin(relative: tolerance))
    }
  }

  @Test("Scaled sums", arguments: sets, counts) func scaledSums(_ kernels: Kernels, _ columns: Int) {
    let arena = Arena()
    defer { #expect(arena.isIntact) }
    var random = RandomNumbers(seed: UInt64(columns) + 3000)
    let x = random.floats(3 * columns), y = random.floats(3 * columns), factors = random.floats(3)
    for shift in 0..<3 {
      let xRows = arena.window(3, columns, shift: shift, x), yRows = arena.window(3, columns, shift: shift + 1, y)
      kernels.add(xRows, scaledBy: -0.7, to: yRows)
      let isFused = kernels.fusesMultiplyAdd
      expectEqual(yRows.values, zip(x, y).map { isFused ? $1.addingProduct($0, -0.7) : $1 + $0 * -0.7 })
      kernels.table.scale_rows(3, Int64(columns), xRows.pointer, Int64(xRows.stride), factors)
      expectEqual(xRows.values, x.indices.map { x[$0] * factors[$0 / columns] })
    }
  }

  @Test("Transpose", arguments: sets, counts) func transpose(_ kernels: Kernels, _ columns: Int) {
    let arena = Arena()
    defer { #expect(arena.isIntact) }
    var random = RandomNumbers(seed: UInt64(columns) + 4000)
    for rows in [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 40] {
      let x = random.floats(rows * columns)
      let from = arena.window(rows, columns, shift: 2, x)
      let to = arena.window(columns, rows, shift: 1)
      kernels.transpose(from, into: to)
      let expected = (0..<columns).flatMap { column in (0..<rows).map { x[$0 * columns + column] } }
      expectEqual(to.values, expected, "\(kernels.name) \(rows) × \(columns)")
    }
  }

  @Test("Distances, products and differences", arguments: sets, counts)
  func pairs(_ kernels: Kernels, _ columns: Int) {
    let arena = Arena()
    defer { #expect(arena.isIntact) }
    var random = RandomNumbers(seed: UInt64(columns) + 5000)
    let dimensions = 6
    let point = random.floats(dimensions, in: -20...20), points = random.floats(dimensions * columns, in: -20...20)
    let start = random.floats(columns)
    let pointRow = arena.window(1, dimensions, shift: 0, point)
    let pointRows = arena.window(dimensions, columns, shift: 1, points)
    let out = arena.window(1, columns, shift: 1, start)
    kernels.addSquaredDistances(pointRow, pointRows, scaledBy: -0.3, to: out)
    let distances = (0..<columns).map { j in
      start[j] - 0.3
        * (0..<dimensions).reduce(Float(0)) {
          let d = point[$1] - points[$1 * columns + j]
          return $0 + d * d
        }
    }
    #expect(Closeness(out.values, distances).isWithin(relative: tolerance))

    let q = random.floats(3 * columns), k = random.floats(columns)
    let qRows = arena.window(3, columns, shift: 2, q)
    let kRow = arena.window(1, columns, shift: 0, k)
    let features = arena.window(3, 2 * columns, shift: 0)
    kernels.productsAndDifferences(qRows, kRow, into: features)
    var expected: [Float] = []
    for row in 0..<3 {
      expected += (0..<columns).map { q[row * columns + $0] * k[$0] }
      expected += (0..<columns).map { q[row * columns + $0] - k[$0] }
    }
    expectEqual(features.values, expected)
  }

  @Test("A count of zero does nothing", arguments: sets) func nothing(_ kernels: Kernels) {
    let arena = Arena(), table = kernels.table
    let (x, y) = (arena.window(0, 0).pointer, arena.window(0, 0).pointer)
    let half = arena.operand(0, 0).pointer
    var epilogue = ck_epilogue(bias: x, activation: ck_gelu, accumulate: true)
    for (rows, columns) in [(0, 5), (0, 0)] as [(Int64, Int64)] {
      table.pack_transposed(rows, columns, x, 5, ck_float32, y)
      table.pack(rows, columns, x, 5, y)
      table.gemm(rows, columns, 3, x, 5, x, y, 5, &epilogue)
      table.gemm(columns, rows, 3, x, 5, x, y, 5, &epilogue)
      table.layer_norm(rows, columns, x, 5, x, x, 1, y, 5)
      table.softmax_numerators(rows, columns, y, 5, 1, x, 5, y)
      table.scale_rows(rows, columns, y, 5, x)
      table.add_scaled(0, 1, x, y)
      table.gate_rows(rows, columns, x, 5, y, 5)
      table.add_gated_rows(rows, columns, x, 5, x, 5, y, 5)
      table.rotate(rows, columns, 1, 1, x, x, y, 5)
      table.add_squared_distances(columns, 0, x, x, 5, 1, y)
      table.products_and_differences(rows, columns, x, 5, x, y, 5)
      table.transpose(rows, columns, x, 5, y, 5)
      table.transpose(columns, rows, x, 5, y, 5)
      table.widen(0, x, ck_float16, y)
      table.narrow(rows, columns, x, 5, half, 6)
      table.pack_transposed_bf16(rows, columns, x, 5, ck_float16, y)
      table.pack_bf16(rows, columns, x, 5, y)
      table.gemm_bf16(rows, columns, 3, half, 6, x, y, 6, true, &epilogue)
      table.softmax_numerators_bf16(rows, columns, x, 5, 1, nil, 0, half, 6, y)
      table.transpose_narrow(rows, columns, x, 5, half, 6)
      table.transpose_widen(rows, columns, half, 6, y, 5)
    }
    #expect(arena.isIntact, "\(kernels.name)")
  }
}

extension Kernels: CustomTestStringConvertible {
  /// Shown in the list of cases.
  public var testDescription: String { name }
}
