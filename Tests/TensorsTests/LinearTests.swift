// Linear layers, streamed and packed, and layer norms over many rows: each split of the work, on every instruction set.

import CKernels
import Foundation
import Tensors
import TestSupport
import Testing

/// A layer runs on the active set, so each set has a separate process. Products of small integers are exact in every
/// format and order, so results are compared exactly.
@Suite("Linear layers") struct LinearTests {
  init() { Buffer.isPoisoned = true }

  /// One layer: the panel's step is 512 inputs in float32 and 1024 in bfloat16, a packed panel's task 48 rows, the rounding
  /// of rows 16 at a time.
  private struct Case {
    let rows: Int, inputs: Int, outputs: Int

    static let all = [
      Case(rows: 1, inputs: 1, outputs: 1), Case(rows: 3, inputs: 513, outputs: 9),
      Case(rows: 17, inputs: 512, outputs: 64), Case(rows: 48, inputs: 1024, outputs: 17),
      Case(rows: 97, inputs: 1025, outputs: 131), Case(rows: 145, inputs: 7, outputs: 129),
      Case(rows: 5, inputs: 2051, outputs: 150),
    ]
  }

  private static func integers(_ count: Int, in range: ClosedRange<Int> = -2...2, _ random: inout RandomNumbers)
    -> [Int]
  {
    (0..<count).map { _ in Int.random(in: range, using: &random) }
  }

  /// x · weightᵀ.
  private static func product(_ x: [Int], _ weight: [Int], _ shape: Case) -> [Int] {
    (0..<shape.rows * shape.outputs).map { at in
      let (row, column) = (at / shape.outputs * shape.inputs, at % shape.outputs * shape.inputs)
      return (0..<shape.inputs).reduce(0) { $0 &+ x[row + $1] &* weight[column + $1] }
    }
  }

  @Test("Streamed and packed", arguments: Kernels.available + ["blas"]) func linear(_ set: String) async throws {
    try await Handed.over(set) {
      await #expect(processExitsWith: .success) {
        let set = try Handed.taken(String.self)
        setenv("ESMFOLD_ISA", set, 1)
        Buffer.isPoisoned = true
        #expect(Kernels.active.name == set)
        for shape in Case.all { LinearTests.check(shape, set) }
      }
    }
  }

  private static func check(_ shape: Case, _ set: String) {
    var random = RandomNumbers(seed: UInt64(shape.inputs) + 90)
    let (rows, inputs, outputs) = (shape.rows, shape.inputs, shape.outputs)
    let x = integers(rows * inputs, &random), weight = integers(outputs * inputs, &random)
    let bias = integers(outputs, in: -9...9, &random), before = integers(rows * outputs, in: -9...9, &random)
    let product = product(x, weight, shape)
    let input = Tensor<2>([rows, inputs], x.map(Float.init))
    var number = 0
    for type in [ElementType.float32, .float16, .bfloat16] {
      for precision in Precision.allCases {
        for packing in [false, true] {
          // All combinations of bias, accumulation and activation.
          number += 1
          let isBiased = number % 2 == 0, adding = number % 3 == 0, isRectified = number / 2 % 2 == 0
          let layer = Linear(
            weight: ProductTests.stored(weight.map(Float.init), as: type, shape: [outputs, inputs], at: 12),
            bias: isBiased ? Tensor(bias.map(Float.init)) : nil, precision: precision, packing: packing)
          #expect(layer.inputs == inputs && layer.outputs == outputs)
          let expected = product.indices.map { at in
            let sum = product[at] + (isBiased ? bias[at % outputs] : 0) + (adding ? before[at] : 0)
            return Float(isRectified ? max(sum, 0) : sum)
          }
          let threads = Threads(1 + number % 3)
          let scratch = Scratch(
            workers: threads.count, floats: Linear.scratchFloats,
            shared: precision == .bfloat16 ? precision.floats(rows, inputs) : 0)
          // Between columns of other layers, which must not change.
          let (left, right) = (number % 3, 5)
          let out = Tensor<2>([rows, left + outputs + right])
          out.fill(.nan)
          let window = Rows(out).columns(left..<left + outputs)
          if adding { for at in before.indices { window[at / outputs, at % outputs] = Float(before[at]) } }
          layer(
            input, into: out.columns(left..<left + outputs), activation: isRectified ? .relu : .identity,
            adding: adding, scratch: scratch, threads: threads)
          let note: Comment =
            "\(set): \(rows) × \(inputs) × \(outputs), \(type), \(precision), packed: \(packing), bias: \(isBiased), adding: \(adding), relu: \(isRectified)"
          expectEqual(window.values, expected, note)
          let others = [0..<left, left + outputs..<left + outputs + right].flatMap { Rows(out).columns($0).values }
          #expect(others.allSatisfy { $0.isNaN }, note)
          withExtendedLifetime((out, scratch)) {}
        }
      }
    }
    expectEqual(input.values, x.map(Float.init))
  }

  @Test("Packed side by side", arguments: Kernels.available + ["blas"]) func packedLinear(_ set: String) async throws {
    try await Handed.over(set) {
      await #expect(processExitsWith: .success) {
        let set = try Handed.taken(String.self)
        setenv("ESMFOLD_ISA", set, 1)
        Buffer.isPoisoned = true
        #expect(Kernels.active.name == set)
        for precision in Precision.allCases {
          for hasBias in [[false, false, false], [true, false, true], [false, true, false]] {
            LinearTests.checkStack(precision, hasBias, set)
          }
        }
      }
    }
  }

  /// Three layers in one, some with a bias.
  private static func checkStack(_ precision: Precision, _ hasBias: [Bool], _ set: String) {
    var random = RandomNumbers(seed: 91)
    let widths = [13, 64, 70], outputs = widths.reduce(0, +)
    let shape = Case(rows: 15, inputs: 33, outputs: outputs)
    let x = integers(shape.rows * shape.inputs, &random)
    let weights = widths.map { integers($0 * shape.inputs, &random) }
    let biases = widths.map { integers($0, in: -9...9, &random) }
    let layer = PackedLinear(
      inputs: shape.inputs,
      widths.indices.map { i in
        PackedLinear.Layer(
          weight: weights[i].map(Float.init), bias: hasBias[i] ? biases[i].map(Float.init) : nil, outputs: widths[i])
      }, precision)
    #expect(layer.inputs == shape.inputs && layer.outputs == outputs && layer.precision == precision)
    let product = product(x, weights.flatMap { $0 }, shape)
    let bias = widths.indices.flatMap { i in hasBias[i] ? biases[i] : [Int](repeating: 0, count: widths[i]) }
    let sums = product.indices.map { product[$0] + bias[$0 % outputs] }

    let arena = Arena(), note: Comment = "\(set) \(precision) \(hasBias)"
    let values = x.map(Float.init)
    let rows = arena.window(shape.rows, shape.inputs, values)
    let operand =
      precision == .float32
      ? Operand(rows) : arena.operand(shape.rows, shape.inputs, values.map(BFloat16.bits))
    let out = arena.window(shape.rows, outputs, shift: 2)
    layer(operand, into: out)
    expectEqual(out.values, sums.map(Float.init), note)
    layer(operand, into: out, adding: true)
    expectEqual(out.values, sums.map { Float(2 * $0) }, note)
    layer(operand, into: out, activation: .relu)
    expectEqual(out.values, sums.map { Float(max($0, 0)) }, note)
    if precision == .float32 {
      let other = arena.window(shape.rows, outputs)
      layer(rows, into: other)
      expectEqual(other.values, sums.map(Float.init), note)
      layer(Operand(rows), into: Operand(other), activation: .relu)
      expectEqual(other.values, sums.map { Float(max($0, 0)) }, note)
    } else {
      let narrow = arena.operand(shape.rows, outputs)
      layer(operand, into: narrow, activation: .relu)
      expectEqual(narrow.bits, sums.map { BFloat16.bits(Float(max($0, 0))) }, note)
      #expect(narrow.padding.allSatisfy { $0 == 0 }, note)
    }
    #expect(arena.isIntact, note)
  }

  @Test("Streamed and packed weights give the same bits", arguments: Precision.allCases, [1, 100])
  func sameBits(_ precision: Precision, _ rows: Int) {
    let (inputs, outputs) = (1101, 150)
    var random = RandomNumbers(seed: 4)
    let weight = ProductTests.stored(random.floats(inputs * outputs), as: .float32, shape: [outputs, inputs])
    let bias = Tensor<1>(random.floats(outputs)), x = Tensor<2>([rows, inputs], random.floats(rows * inputs))
    // Also with any number of threads.
    let results = [(false, 1), (false, 2), (true, 1), (true, 3)].map { packing, threads in
      let scratch = Scratch(
        workers: threads, floats: Linear.scratchFloats, shared: Precision.bfloat16.floats(rows, inputs))
      let out = Tensor<2>([rows, outputs])
      Linear(weight: weight, bias: bias, precision: precision, packing: packing)(
        x, into: out, activation: .gelu, scratch: scratch, threads: Threads(threads))
      return out.values
    }
    for result in results { expectEqual(result, results[0]) }
    #expect(results[0].contains { $0 > 0 } && !results[0].contains(where: \.isNaN))
  }

  @Test("Layer norm of many rows on several threads", arguments: [1, 7, 8, 9, 40, 43], [1, 3])
  func layerNorm(_ rows: Int, _ threads: Int) {
    let columns = 21
    var random = RandomNumbers(seed: UInt64(rows))
    let x = random.floats(rows * columns, in: -3...5), gain = random.floats(columns), offset = random.floats(columns)
    let norm = LayerNorm(weight: Tensor(gain), bias: Tensor(offset), epsilon: 1e-5)
    let expected = (0..<rows).flatMap {
      ScalarKernels.layerNorm(Array(x[$0 * columns..<($0 + 1) * columns]), gain: gain, offset: offset, epsilon: 1e-5)
    }
    let input = Tensor<2>([rows, columns], x), output = Tensor<2>([rows, columns])
    norm(input, into: output, threads: Threads(threads))
    #expect(Closeness(output.values, expected).isWithin(relative: 1e-5))
    norm(input, into: input, threads: Threads(threads))
    #expect(input.values == output.values)
  }
}
