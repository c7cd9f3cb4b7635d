// The accuracy that CKernels.h promises, against double precision, on every instruction set.

import CKernels
import Glibc
import Tensors
import TestSupport
import Testing

/// The limits in CKernels.h. Over a third of all floats, exp is off by up to 2.0e-7 + 1.3e-8 · |x| of its value (2.1e-7 and 7.1e-8
/// where products are rounded), σ by 2.6e-7 and the same, and GELU over all by 1.29e-7 · |x|.
private enum Promise {
  /// Of e^x, relative.
  static func exp(_ x: Float, isFused: Bool) -> Double { 2.1e-7 + slope(isFused) * Double(abs(x)) }
  /// Of σ(x), relative.
  static func sigmoid(_ x: Float, isFused: Bool) -> Double { 2.7e-7 + slope(isFused) * Double(max(-x, 0)) }
  /// What log₂ e was rounded by, or also its product with x.
  private static func slope(_ isFused: Bool) -> Double { isFused ? 1.4e-8 : 7.5e-8 }
  static let gelu = 1.3e-7
  static let layerNorm = 1e-6
  static let rotation = 1.8e-7
}

@Suite("Accuracy") struct AccuracyTests {
  init() { Buffer.isPoisoned = true }

  /// Floats of one sign: dense where functions curve, and every binade below; about forty thousand.
  private static let magnitudes: [Float] = {
    let dense = (0...30_000).map { Float($0) * 89 / 30_000 }
    // A prime step through the bit patterns from 2^-30 to 1024.
    let binades = stride(from: UInt32(0x3080_0000), to: 0x4480_0000, by: 30_011).map(Float.init(bitPattern:))
    let edges: [Float] = [87, Float(87).nextUp, 87.3, 88, Float(88).nextUp, 88.8, 1e10, .greatestFiniteMagnitude]
    return dense + binades + edges
  }()

  /// Numerators of rows that begin with 0, their maximum, in one call.
  private static func exponentials(_ kernels: Kernels, _ x: [Float]) -> [Float] {
    let arena = Arena()
    let row = arena.window(1, x.count + 1, [0] + x), sum = arena.array(1, as: Float.self)
    kernels.table.softmax_numerators(1, Int64(x.count + 1), row.pointer, Int64(row.stride), 1, nil, 0, sum)
    #expect(arena.isIntact)
    return Array(row.values.dropFirst())
  }

  private static func sigmoids(_ kernels: Kernels, _ x: [Float]) -> [Float] {
    let arena = Arena()
    let gate = arena.window(1, x.count, x), ones = arena.window(1, x.count, [Float](repeating: 1, count: x.count))
    kernels.gate(ones, by: gate)
    return ones.values
  }

  private static func gelus(_ kernels: Kernels, _ x: [Float]) -> [Float] {
    let arena = Arena()
    let input = arena.window(x.count, 1, x), out = arena.window(x.count, 1)
    let packed = arena.array(kernels.packedCount(columns: 1, depth: 1), as: Float.self)
    kernels.table.pack(1, 1, [1], 1, packed)
    var epilogue = ck_epilogue(bias: nil, activation: ck_gelu, accumulate: false)
    kernels.table.gemm(
      Int64(x.count), 1, 1, input.pointer, Int64(input.stride), packed, out.pointer, Int64(out.stride), &epilogue)
    return out.values
  }

  /// The first wrong value, for a message; nil if all are correct.
  private static func first(
    _ found: [Float], of x: [Float], where isWrong: (_ x: Float, _ y: Float) -> Bool
  ) -> String? {
    zip(x, found).first { isWrong($0, $1) }.map { "\($1) for \($0)" }
  }

  @Test("exp", arguments: KernelTests.sets) func exponential(_ kernels: Kernels) {
    let x = Self.magnitudes.map { -$0 }
    let found = Self.exponentials(kernels, x), twins = ScalarTwins(isFused: kernels.fusesMultiplyAdd)
    let far = Self.first(found, of: x) { x, y in
      x >= -87 && !(abs(Double(y) / exp(Double(x)) - 1) <= Promise.exp(x, isFused: kernels.fusesMultiplyAdd))
    }
    #expect(far == nil, "\(kernels.name)")
    let floor = Self.exponentials(kernels, [-87])[0]
    #expect(abs(Double(floor) / 1.645_811_4e-38 - 1) < Promise.exp(-87, isFused: kernels.fusesMultiplyAdd))
    let other = Self.first(found, of: x) { x, y in x <= -87 && y != floor }
    #expect(other == nil, "\(kernels.name)")
    #expect(Self.exponentials(kernels, [-.infinity]) == [floor])
    let changed = Self.first(found, of: x) { x, y in y != twins.exp(x) }
    #expect(changed == nil, "\(kernels.name): bits")
  }

  @Test("Sigmoid", arguments: KernelTests.sets) func sigmoid(_ kernels: Kernels) {
    let x = Self.magnitudes + Self.magnitudes.map { -$0 }
    let found = Self.sigmoids(kernels, x), twins = ScalarTwins(isFused: kernels.fusesMultiplyAdd)
    let far = Self.first(found, of: x) { x, y in
      x >= -87
        && !(abs(Double(y) * (1 + exp(-Double(x))) - 1) <= Promise.sigmoid(x, isFused: kernels.fusesMultiplyAdd))
    }
    #expect(far == nil, "\(kernels.name)")
    let floor = Self.sigmoids(kernels, [-88])[0]
    #expect(
      abs(Double(floor) / 6.054_602e-39 - 1) < Promise.sigmoid(-88, isFused: kernels.fusesMultiplyAdd))
    let other = Self.first(found, of: x) { x, y in x <= -88 && y != floor }
    #expect(other == nil, "\(kernels.name)")
    #expect(Self.sigmoids(kernels, [-.infinity, .infinity]) == [floor, 1])
    let changed = Self.first(found, of: x) { x, y in y != twins.sigmoid(x) }
    #expect(changed == nil, "\(kernels.name): bits")
  }

  @Test("GELU", arguments: KernelTests.sets) func gelu(_ kernels: Kernels) {
    // erf curves up to |x| = 6: a third of a million floats there.
    let bend = stride(from: Float(0.125).bitPattern, to: Float(6).bitPattern, by: 137).map(Float.init(bitPattern:))
    let magnitudes = Self.magnitudes + bend
    let x = magnitudes + magnitudes.map { -$0 }
    let found = Self.gelus(kernels, x), twins = ScalarTwins(isFused: kernels.fusesMultiplyAdd)
    let far = Self.first(found, of: x) { x, y in
      !(abs(Double(y) - ScalarKernels.gelu(Double(x))) <= Promise.gelu * Double(abs(x)))
    }
    #expect(far == nil, "\(kernels.name)")
    let changed = Self.first(found, of: x) { x, y in y != twins.gelu(x) }
    #expect(changed == nil, "\(kernels.name): bits")
  }

  @Test("Softmax numerators and sums", arguments: KernelTests.sets, [1, 5, 16, 31, 270, 1030])
  func softmax(_ kernels: Kernels, _ columns: Int) {
    var random = RandomNumbers(seed: UInt64(columns))
    let rows = 3, scale: Float = 0.37, arena = Arena()
    let x = random.floats(rows * columns, in: -60...60), bias = random.floats(rows * columns, in: -9...9)
    let twins = ScalarTwins(isFused: kernels.fusesMultiplyAdd)
    let biasRows = arena.window(rows, columns, shift: 2, bias)
    for isBiased in [false, true] {
      let note: Comment = "\(kernels.name), \(columns) columns, with bias: \(isBiased)"
      let inPlace = arena.window(rows, columns, x), overwritten = arena.window(rows, columns, shift: 3, x)
      let narrow = arena.operand(rows, columns)
      let (sums, narrowSums) = (arena.array(rows, as: Float.self), arena.array(rows, as: Float.self))
      let base = isBiased ? biasRows.pointer : nil
      kernels.table.softmax_numerators(
        Int64(rows), Int64(columns), inPlace.pointer, Int64(inPlace.stride), scale, base, Int64(biasRows.stride), sums)
      kernels.table.softmax_numerators_bf16(
        Int64(rows), Int64(columns), overwritten.pointer, Int64(overwritten.stride), scale, base,
        Int64(biasRows.stride), narrow.pointer, Int64(narrow.stride), narrowSums)
      for row in 0..<rows {
        let range = row * columns..<(row + 1) * columns
        let scores = range.map { isBiased ? twins.fma(x[$0], scale, bias[$0]) : x[$0] * scale }
        let top = scores.max() ?? 0
        let expected = scores.map { twins.exp($0 - top) }
        expectEqual((0..<columns).map { inPlace[row, $0] }, expected, note)
        // The float32 sums have their own order: 1030 terms in 4 lanes, 258 roundings.
        let exact = 1 / expected.reduce(0.0) { $0 + Double($1) }
        #expect(abs(Double(sums[row]) / exact - 1) < 1e-6, note)
        #expect(sums[row] == narrowSums[row], note)
        let bits = (0..<columns).map { narrow.pointer[row * narrow.stride + $0] }
        expectEqual(bits, expected.map(BFloat16.bits), note)
      }
      #expect(narrow.padding.allSatisfy { $0 == 0 }, note)
    }
    #expect(arena.isIntact)
  }

  /// Widths of both code paths of every set (eight registers are 32, 64 or 128 columns), and tails of each length.
  private static let widths = [1, 2, 3, 5, 8, 13, 16, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200, 1024, 5120]

  @Test("Layer norm, also where epsilon dominates", arguments: KernelTests.sets, widths)
  func layerNorm(_ kernels: Kernels, _ columns: Int) {
    var random = RandomNumbers(seed: UInt64(columns) + 60)
    let gain = random.floats(columns, in: -2...2), offset = random.floats(columns)
    for epsilon in [Float(1e-5), 1e-12, 0.3] {
      // Variances far above, about and far below each epsilon; means of up to 300 deviations.
      for deviation in [Float(1e3), 1, 3e-3, 1e-4, 1e-6] {
        let mean = random.next(in: -300...300) * deviation
        let x = (0..<3 * columns).map { _ in mean + random.next(in: -1.7...1.7) * deviation }
        let arena = Arena()
        let input = arena.window(3, columns, x), output = arena.window(3, columns, shift: 2)
        let norm = LayerNorm(weight: Tensor(gain), bias: Tensor(offset), epsilon: epsilon)
        norm(input, into: output, kernels: kernels)
        let note = "\(kernels.name), \(columns) columns, deviation \(deviation), epsilon \(epsilon)"
        let error = Self.error(output.values, x, gain, offset, epsilon)
        #expect(error <= Promise.layerNorm, "\(note): \(error)")
        // In place, with the same bits.
        norm(input, into: input, kernels: kernels)
        expectEqual(input.values, output.values, "\(note)")
        #expect(arena.isIntact, "\(note)")
      }
    }
  }

  /// The largest difference relative to |gain| · largest |x| / √(variance + ε) + |offset|.
  private static func error(
    _ found: [Float], _ x: [Float], _ gain: [Float], _ offset: [Float], _ epsilon: Float
  ) -> Double {
    let columns = gain.count
    let shares = stride(from: 0, to: x.count, by: columns).flatMap { start in
      let row = x[start..<start + columns].map(Double.init)
      let mean = row.reduce(0, +) / Double(columns)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      let scale = 1 / (variance + Double(epsilon)).squareRoot(), largest = row.map(abs).max() ?? 0
      return row.indices.map { i in
        let exact = (row[i] - mean) * scale * Double(gain[i]) + Double(offset[i])
        return abs(Double(found[start + i]) - exact)
          / (Double(abs(gain[i])) * largest * scale + Double(abs(offset[i])))
      }
    }
    return shares.max() ?? 0
  }

  @Test("Rotation", arguments: KernelTests.sets, [1, 2, 3, 4, 5, 8, 10, 16, 17, 32, 33])
  func rotation(_ kernels: Kernels, _ half: Int) {
    var random = RandomNumbers(seed: UInt64(half) + 70)
    let heads = 3, rows = 4, width = heads * 2 * half
    for scale in [Float(1), 0.125, 0.3] {
      let arena = Arena()
      let x = random.floats(rows * width, in: -50...50), angles = random.floats(rows * half, in: -10...10)
      let window = arena.window(rows, width, shift: 3, x)
      let cosines = angles.map { Float(cos(Double($0))) }, sines = angles.map { Float(sin(Double($0))) }
      kernels.rotate(
        window, heads: heads, scale: scale, cosines: arena.window(rows, half, shift: 0, cosines),
        sines: arena.window(rows, half, shift: 0, sines))
      let wrong = (0..<rows * width).first { at in
        let (row, column) = (at / width, at % width), i = row * half + column % half
        let isFirst = column % (2 * half) < half, other = isFirst ? at + half : at - half
        let (own, across) = (Double(x[at]) * Double(scale), Double(x[other]) * Double(scale))
        let exact = own * Double(cosines[i]) + across * Double(sines[i]) * (isFirst ? -1 : 1)
        return !(abs(Double(window[row, column]) - exact) <= Promise.rotation * (abs(own) + abs(across)))
      }
      #expect(wrong == nil, "\(kernels.name), half a head of \(half), scale \(scale)")
      #expect(arena.isIntact)
    }
  }
}
