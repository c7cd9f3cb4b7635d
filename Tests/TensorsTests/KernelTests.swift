// Every kernel against its scalar twin, on every instruction set that this machine has.

import Glibc
import Tensors
import TestSupport
import Testing

/// Float32 sums of up to a few hundred terms of magnitude 1 in another order, and 2 ulp of exp: within 2e-5.
private let tolerance: Float = 2e-5

@Suite("Kernels against scalar twins") struct KernelTests {
  static let sets = Kernels.available.compactMap(Kernels.init(named:))

  /// Counts around the vector and panel widths, and beyond.
  static let counts = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 128, 130]

  /// Keeps the tensors of a test alive as long as its windows.
  private final class Arena {
    private var tensors: [Tensor<2>] = []

    /// A window of `count` × `columns` that starts `shift` floats off an aligned address and has wider rows.
    func window(_ count: Int, _ columns: Int, shift: Int, _ values: [Float]) -> Rows {
      let stride = columns + shift
      let storage = Tensor<2>([count + 1, stride + 1])
      tensors.append(storage)
      let rows = Rows(base: storage.pointer + shift, count: count, columns: columns, stride: stride)
      for row in 0..<count {
        for column in 0..<columns { rows[row, column] = values.isEmpty ? 0 : values[row * columns + column] }
      }
      return rows
    }
  }

  private static func values(_ rows: Rows) -> [Float] {
    (0..<rows.count).flatMap { row in (0..<rows.columns).map { rows[row, $0] } }
  }

  @Test("Layer norm", arguments: sets, counts) func layerNorm(_ kernels: Kernels, _ columns: Int) {
    let arena = Arena()
    defer { withExtendedLifetime(arena) {} }
    guard columns > 0 else { return }
    var random = RandomNumbers(seed: UInt64(columns))
    for shift in 0..<3 {
      let x = random.floats(3 * columns, in: -3...5), gain = random.floats(columns), offset = random.floats(columns)
      let input = arena.window(3, columns, shift: shift, x)
      let output = arena.window(3, columns, shift: shift, [])
      let norm = LayerNorm(weight: Tensor(gain), bias: Tensor(offset), epsilon: 1e-5)
      norm(input, into: output, kernels: kernels)
      let expected = (0..<3).flatMap {
        ScalarKernels.layerNorm(
          Array(x[$0 * columns..<($0 + 1) * columns]), gain: gain, offset: offset, epsilon: 1e-5)
      }
      let closeness = Closeness(Self.values(output), expected)
      #expect(closeness.isWithin(relative: tolerance, absolute: tolerance), "\(kernels.name) \(closeness)")
    }
  }

  @Test("Layer norm of a constant row and of large offsets", arguments: sets) func layerNormEdges(_ kernels: Kernels) {
    let arena = Arena()
    defer { withExtendedLifetime(arena) {} }
    let n = 37
    let norm = LayerNorm(
      weight: Tensor([Float](repeating: 1, count: n)), bias: Tensor([Float](repeating: 0.25, count: n)), epsilon: 1e-5)
    let constant = arena.window(1, n, shift: 0, [Float](repeating: 0, count: n))
    norm(constant, into: constant, kernels: kernels)
    #expect(Self.values(constant) == [Float](repeating: 0.25, count: n))
    // E[x²] − mean² would lose all digits here.
    let shifted = (0..<n).map { 10_000 + Float($0 % 2) }
    let rows = arena.window(1, n, shift: 0, shifted)
    norm(rows, into: rows, kernels: kernels)
    let expected = ScalarKernels.layerNorm(
      shifted, gain: [Float](repeating: 1, count: n), offset: [Float](repeating: 0.25, count: n), epsilon: 1e-5)
    #expect(Closeness(Self.values(rows), expected).isWithin(relative: 1e-2), "mean of 1e4 is exact to 1e-3 only")
  }

  @Test("Softmax", arguments: sets, counts) func softmax(_ kernels: Kernels, _ columns: Int) {
    let arena = Arena()
    defer { withExtendedLifetime(arena) {} }
    guard columns > 0 else { return }
    var random = RandomNumbers(seed: UInt64(columns) + 1000)
    for shift in 0..<3 {
      for isBiased in [false, true] {
        let x = random.floats(4 * columns, in: -40...40), bias = random.floats(4 * columns, in: -5...5)
        let rows = arena.window(4, columns, shift: shift, x)
        let biasRows = arena.window(4, columns, shift: shift, bias)
        let scratch = Scratch(workers: 1, floats: 64)
        var taker = scratch.taker(0)
        kernels.softmax(rows, scale: 0.7, bias: isBiased ? biasRows : nil, scratch: &taker)
        let expected = (0..<4).flatMap { row in
          let range = row * columns..<(row + 1) * columns
          return ScalarKernels.softmax(Array(x[range]), scale: 0.7, bias: isBiased ? Array(bias[range]) : nil)
        }
        let closeness = Closeness(Self.values(rows), expected)
        #expect(closeness.isWithin(relative: tolerance), "\(kernels.name) \(closeness)")
      }
    }
  }

  @Test("Gates", arguments: sets, counts) func gates(_ kernels: Kernels, _ columns: Int) {
    let arena = Arena()
    defer { withExtendedLifetime(arena) {} }
    var random = RandomNumbers(seed: UInt64(columns) + 2000)
    let x = random.floats(2 * columns), y = random.floats(2 * columns)
    let gate = random.floats(2 * columns, in: -100...100)
    for shift in 0..<3 {
      let xRows = arena.window(2, columns, shift: shift, x)
      let gateRows = arena.window(2, columns, shift: 2 - shift, gate)
      let yRows = arena.window(2, columns, shift: shift, y)
      kernels.addGated(xRows, by: gateRows, to: yRows)
      kernels.gate(xRows, by: gateRows)
      let gated = zip(x, gate).map { $0 * ScalarKernels.sigmoid($1) }
      #expect(Closeness(Self.values(xRows), gated).isWithin(relative: tolerance))
      #expect(Closeness(Self.values(yRows), zip(y, gated).map(+)).isWithin(relative: tolerance))
    }
  }

  @Test("Rotation", arguments: sets, [1, 2, 5, 8, 10, 16, 32, 33]) func rotation(_ kernels: Kernels, _ half: Int) {
    let arena = Arena()
    defer { withExtendedLifetime(arena) {} }
    var random = RandomNumbers(seed: UInt64(half) + 3000)
    let heads = 3, rows = 4
    let x = random.floats(rows * heads * 2 * half), angles = random.floats(rows * half, in: -10...10)
    let window = arena.window(rows, heads * 2 * half, shift: 1, x)
    let cosines = Tensor<2>([rows, half], angles.map { Float(cos(Double($0))) })
    let sines = Tensor<2>([rows, half], angles.map { Float(sin(Double($0))) })
    kernels.rotate(window, heads: heads, scale: 0.5, cosines: Rows(cosines), sines: Rows(sines))
    var expected = x
    for row in 0..<rows {
      for head in 0..<heads {
        for i in 0..<half {
          let at = (row * heads + head) * 2 * half + i
          let (u, w) = (0.5 * x[at], 0.5 * x[at + half])
          let (c, s) = (cosines.pointer[row * half + i], sines.pointer[row * half + i])
          expected[at] = u * c - w * s
          expected[at + half] = w * c + u * s
        }
      }
    }
    #expect(Closeness(Self.values(window), expected).isWithin(relative: tolerance))
  }

  @Test("Transpose", arguments: sets, counts) func transpose(_ kernels: Kernels, _ columns: Int) {
    let arena = Arena()
    defer { withExtendedLifetime(arena) {} }
    var random = RandomNumbers(seed: UInt64(columns) + 4000)
    for rows in [1, 3, 8, 13, 40] {
      let x = random.floats(rows * columns)
      let from = arena.window(rows, columns, shift: 2, x)
      let to = arena.window(columns, rows, shift: 1, [])
      kernels.transpose(from, into: to)
      let expected = (0..<columns).flatMap { column in (0..<rows).map { x[$0 * columns + column] } }
      #expect(Self.values(to) == expected)
    }
  }

  @Test("Distances, products and differences", arguments: sets, counts)
  func pairs(_ kernels: Kernels, _ columns: Int) {
    let arena = Arena()
    defer { withExtendedLifetime(arena) {} }
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
    #expect(Closeness(Self.values(out), distances).isWithin(relative: tolerance))

    let q = random.floats(3 * columns), k = random.floats(columns)
    let qRows = arena.window(3, columns, shift: 2, q)
    let kRow = arena.window(1, columns, shift: 0, k)
    let features = arena.window(3, 2 * columns, shift: 0, [])
    kernels.productsAndDifferences(qRows, kRow, into: features)
    var expected: [Float] = []
    for row in 0..<3 {
      expected += (0..<columns).map { q[row * columns + $0] * k[$0] }
      expected += (0..<columns).map { q[row * columns + $0] - k[$0] }
    }
    #expect(Self.values(features) == expected)
  }
}

extension Kernels: CustomTestStringConvertible {
  /// Shown in the list of cases.
  public var testDescription: String { name }
}
