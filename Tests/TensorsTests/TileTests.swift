// Every register tile of every instruction set: each number of rows, each number of columns of a panel, each epilogue.

import CKernels
import Tensors
import TestSupport
import Testing

/// As CKernels.h promises, for exact inputs.
private let geluTolerance: Float = 1.2e-7
/// One rounding to bfloat16: 8 bits of mantissa, half a unit in the last place; the float32 error may cross one tie.
private let rounding: Float = 1.01 / 256

/// Products of small integers are exact in both formats and in any order of summation, so results are compared exactly.
@Suite("Register tiles") struct TileTests {
  init() { Buffer.isPoisoned = true }

  /// The epilogues of c: every combination of bias, accumulation and activation.
  private struct Ending {
    let isBiased: Bool, accumulates: Bool, activation: ck_activation

    static let all = [ck_identity, ck_relu, ck_gelu].flatMap { activation in
      [(false, false), (true, false), (false, true), (true, true)].map {
        Ending(isBiased: $0.0, accumulates: $0.1, activation: activation)
      }
    }

    func callAsFunction(_ x: Int, bias: Int, c: Int, accumulates: Bool) -> Float {
      let sum = Float(x + (isBiased ? bias : 0) + (accumulates ? c : 0))
      switch activation {
      case ck_relu: return max(sum, 0)
      case ck_gelu: return Float(ScalarKernels.gelu(Double(sum)))
      default: return sum
      }
    }

    /// The allowed difference from the expected value.
    func tolerance(_ expected: Float) -> Float { activation == ck_gelu ? geluTolerance * abs(expected) * 2 + 1e-7 : 0 }
  }

  /// The factors and sums of one set: the largest shape, of which every case is a corner.
  private struct Numbers {
    static let heights = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16]
    static let depths = [1, 2, 5, 8]
    let rows = 16, depth = 8
    let columns: Int
    let a: [Int], b: [Int], c: [Int], bias: [Int]

    init(columns: Int, random: inout RandomNumbers) {
      self.columns = columns
      a = Self.integers(rows * depth, &random)
      b = Self.integers(columns * depth, &random)
      c = Self.integers(rows * columns, &random)
      bias = Self.integers(columns, &random)
    }

    private static func integers(_ count: Int, _ random: inout RandomNumbers) -> [Int] {
      (0..<count).map { _ in Int.random(in: -3...3, using: &random) }
    }

    /// Σ over the first `depth` factors.
    func products(_ depth: Int) -> [Int] {
      (0..<rows * columns).map { (at: Int) -> Int in
        let row = at / columns * self.depth, column = at % columns * self.depth
        return (0..<depth).reduce(0) { (sum: Int, k: Int) in sum + a[row + k] * b[column + k] }
      }
    }

    func a(_ rows: Int, _ depth: Int) -> [Float] {
      (0..<rows * depth).map { Float(a[$0 / depth * self.depth + $0 % depth]) }
    }
    func b(_ columns: Int, _ depth: Int) -> [Float] {
      (0..<columns * depth).map { Float(b[$0 / depth * self.depth + $0 % depth]) }
    }
    func c(_ rows: Int, _ columns: Int) -> [Float] {
      (0..<rows * columns).map { Float(c[$0 / columns * self.columns + $0 % columns]) }
    }
  }

  /// All widths of one panel, and of the rest after a full one.
  private static func widths(_ kernels: Kernels, _ precision: Precision) -> [Int] {
    let panel = kernels.panelWidth(precision)
    return Array(1...panel + 1) + [panel + kernels.vectorWidth, 2 * panel - 1, 2 * panel, 2 * panel + 3]
  }

  @Test("float32", arguments: KernelTests.sets) func float32(_ kernels: Kernels) {
    var random = RandomNumbers(seed: 40)
    let table = kernels.table, widths = Self.widths(kernels, .float32)
    let numbers = Numbers(columns: widths.max() ?? 0, random: &random)
    for depth in Numbers.depths {
      let products = numbers.products(depth)
      for columns in widths {
        let arena = Arena()
        let packed = arena.array(kernels.packedCount(columns: columns, depth: depth), as: Float.self)
        let b = arena.window(columns, depth, numbers.b(columns, depth))
        table.pack_transposed(Int64(columns), Int64(depth), b.pointer, Int64(b.stride), ck_float32, packed)
        let bias = arena.array(columns, numbers.bias.map(Float.init).prefix(columns).map { $0 })
        for rows in Numbers.heights {
          let ending = Ending.all[(5 * rows + 7 * columns + depth) % Ending.all.count]
          let a = arena.window(rows, depth, numbers.a(rows, depth))
          let c = arena.window(rows, columns, shift: 3, ending.accumulates ? numbers.c(rows, columns) : [])
          var epilogue = ck_epilogue(
            bias: ending.isBiased ? UnsafePointer(bias) : nil, activation: ending.activation,
            accumulate: ending.accumulates)
          table.gemm(
            Int64(rows), Int64(columns), Int64(depth), a.pointer, Int64(a.stride), packed, c.pointer,
            Int64(c.stride), &epilogue)
          let wrong = (0..<rows * columns).first { at in
            let (i, j) = (at / columns, at % columns), from = i * numbers.columns + j
            let expected = ending(
              products[from], bias: numbers.bias[j], c: numbers.c[from], accumulates: ending.accumulates)
            return !(abs(c[i, j] - expected) <= ending.tolerance(expected))
          }
          #expect(wrong == nil, "\(kernels.name) \(rows) × \(columns) × \(depth), \(ending)")
        }
        #expect(arena.isIntact, "\(kernels.name) \(columns) × \(depth)")
      }
    }
  }

  @Test("bfloat16", arguments: KernelTests.sets) func bfloat16(_ kernels: Kernels) {
    var random = RandomNumbers(seed: 41)
    let table = kernels.table, widths = Self.widths(kernels, .bfloat16)
    let numbers = Numbers(columns: widths.max() ?? 0, random: &random)
    for depth in Numbers.depths {
      let products = numbers.products(depth)
      for columns in widths {
        let arena = Arena()
        let packed = arena.array(kernels.packedCount(columns: columns, depth: depth, .bfloat16), as: Float.self)
        let b = arena.window(columns, depth, numbers.b(columns, depth))
        table.pack_transposed_bf16(Int64(columns), Int64(depth), b.pointer, Int64(b.stride), ck_float32, packed)
        let bias = arena.array(columns, numbers.bias.map(Float.init).prefix(columns).map { $0 })
        for rows in Numbers.heights {
          let ending = Ending.all[(5 * rows + 7 * columns + depth) % Ending.all.count]
          let note: Comment = "\(kernels.name) \(rows) × \(columns) × \(depth), \(ending)"
          let a = arena.operand(rows, depth, numbers.a(rows, depth).map(BFloat16.bits))
          let c = arena.window(rows, columns, shift: 3, ending.accumulates ? numbers.c(rows, columns) : [])
          var epilogue = ck_epilogue(
            bias: ending.isBiased ? UnsafePointer(bias) : nil, activation: ending.activation,
            accumulate: ending.accumulates)
          table.gemm_bf16(
            Int64(rows), Int64(columns), Int64(depth), a.pointer, Int64(a.stride), packed, c.pointer,
            Int64(c.stride), false, &epilogue)
          // A product that feeds another product; it never accumulates.
          let narrow = arena.operand(rows, columns)
          epilogue.accumulate = false
          table.gemm_bf16(
            Int64(rows), Int64(columns), Int64(depth), a.pointer, Int64(a.stride), packed, narrow.pointer,
            Int64(narrow.stride), true, &epilogue)
          let wrong = (0..<rows * columns).first { at in
            let (i, j) = (at / columns, at % columns), from = i * numbers.columns + j
            let wide = ending(
              products[from], bias: numbers.bias[j], c: numbers.c[from], accumulates: ending.accumulates)
            let halved = ending(products[from], bias: numbers.bias[j], c: 0, accumulates: false)
            let found = BFloat16.value(narrow.pointer[i * narrow.stride + j])
            let isNarrowRight =
              ending.activation == ck_gelu
              ? abs(found - halved) <= rounding * abs(halved) + 1e-7 : found == BFloat16.rounded(halved)
            return !(abs(c[i, j] - wide) <= ending.tolerance(wide)) || !isNarrowRight
          }
          #expect(wrong == nil, note)
          #expect(narrow.padding.allSatisfy { $0 == 0 }, note)
        }
        #expect(arena.isIntact, "\(kernels.name) \(columns) × \(depth)")
      }
    }
  }

  @Test(
    "Each float32 sum runs over k in ascending order, then come the previous sum and the bias",
    arguments: KernelTests.ownSets)
  func order(_ kernels: Kernels) {
    let (rows, columns, depth) = (11, kernels.panelWidth(.float32) + kernels.vectorWidth + 3, 270)
    var random = RandomNumbers(seed: 42)
    let a = random.floats(rows * depth), b = random.floats(depth * columns), c = random.floats(rows * columns)
    let bias = random.floats(columns)
    let arena = Arena()
    let packed = arena.array(kernels.packedCount(columns: columns, depth: depth), as: Float.self)
    let right = arena.window(depth, columns, b), left = arena.window(rows, depth, a)
    let out = arena.window(rows, columns, c)
    kernels.table.pack(Int64(columns), Int64(depth), right.pointer, Int64(right.stride), packed)
    let offset = arena.array(columns, bias)
    var epilogue = ck_epilogue(bias: offset, activation: ck_identity, accumulate: true)
    kernels.table.gemm(
      Int64(rows), Int64(columns), Int64(depth), left.pointer, Int64(left.stride), packed, out.pointer,
      Int64(out.stride), &epilogue)
    let isFused = kernels.fusesMultiplyAdd
    let expected = (0..<rows * columns).map { at in
      let (i, j) = (at / columns, at % columns)
      let sum = (0..<depth).reduce(Float(0)) { sum, k in
        let (x, y) = (a[i * depth + k], b[k * columns + j])
        return isFused ? sum.addingProduct(x, y) : sum + x * y
      }
      return sum + c[at] + bias[j]
    }
    expectEqual(out.values, expected, "\(kernels.name)")
    #expect(arena.isIntact)
  }
}
