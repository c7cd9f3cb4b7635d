// Matrix products: against the definition on small shapes, against OpenBLAS on large ones.

import COpenBLAS
import Tensors
import TestSupport
import Testing

/// Float32 sums of up to 700 products of magnitude 1 in another order.
private let tolerance: Float = 2e-5

@Suite("Matrix products") struct ProductTests {
  @Test("Against the definition", arguments: KernelTests.sets, KernelTests.counts)
  func definition(_ kernels: Kernels, _ columns: Int) {
    var random = RandomNumbers(seed: UInt64(columns) + 1)
    for rows in [1, 2, 5, 6, 7, 13] {
      for depth in [1, 3, 8, 17] {
        let a = random.floats(rows * depth), b = random.floats(columns * depth), c = random.floats(rows * columns)
        let aTensor = Tensor<2>([rows, depth], a), bTensor = Tensor<2>([columns, depth], b)
        let scratch = Scratch(workers: 1, floats: 2 * kernels.packedCount(columns: columns, depth: depth) + 64)
        defer { withExtendedLifetime((aTensor, bTensor, scratch)) {} }
        var taker = scratch.taker(0)
        let expected = ScalarKernels.product(a, b, rows: rows, columns: columns, depth: depth)

        let out = Tensor<2>([rows, columns], c)
        let packed = kernels.packTransposed(Rows(bTensor), scratch: &taker)
        kernels.multiply(Rows(aTensor), packed, into: Rows(out), Epilogue(accumulates: true))
        let sums = zip(expected, c).map { Float($0 + Double($1)) }
        #expect(Closeness(out.values, sums).isWithin(relative: tolerance), "\(kernels.name) \(rows) \(depth)")

        // b as [depth, columns], and the two activations.
        let transposed = Tensor<2>(
          [depth, columns], (0..<depth).flatMap { k in (0..<columns).map { b[$0 * depth + k] } })
        defer { withExtendedLifetime(transposed) {} }
        let straight = kernels.pack(Rows(transposed), scratch: &taker)
        kernels.multiply(Rows(aTensor), straight, into: Rows(out), Epilogue(activation: .relu))
        #expect(Closeness(out.values, expected.map { Float(max($0, 0)) }).isWithin(relative: tolerance))
        kernels.multiply(Rows(aTensor), straight, into: Rows(out), Epilogue(activation: .gelu))
        #expect(
          Closeness(out.values, expected.map { Float(ScalarKernels.gelu($0)) })
            .isWithin(relative: tolerance, absolute: tolerance))
      }
    }
  }

  @Test("Against OpenBLAS", arguments: KernelTests.sets) func openBLAS(_ kernels: Kernels) {
    let (rows, columns, depth) = (131, 193, 701)
    var random = RandomNumbers(seed: 9)
    let a = random.floats(rows * depth), b = random.floats(columns * depth)
    let scratch = Scratch(workers: 1, floats: kernels.packedCount(columns: columns, depth: depth) + 64)
    var taker = scratch.taker(0)
    let out = Tensor<2>([rows, columns])
    let aTensor = Tensor<2>([rows, depth], a), bTensor = Tensor<2>([columns, depth], b)
    defer { withExtendedLifetime((aTensor, bTensor, scratch)) {} }
    let packed = kernels.packTransposed(Rows(bTensor), scratch: &taker)
    kernels.multiply(Rows(aTensor), packed, into: Rows(out))
    var expected = [Float](repeating: 0, count: rows * columns)
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(columns), Int32(depth), 1, a, Int32(depth), b,
      Int32(depth), 0, &expected, Int32(columns))
    #expect(Closeness(out.values, expected).isWithin(relative: tolerance))
  }

  @Test("GELU is exact over its range", arguments: KernelTests.sets) func gelu(_ kernels: Kernels) {
    let x = (-600...600).map { Float($0) / 60 }
    let identity = Tensor<2>([1, 1], [1])
    let scratch = Scratch(workers: 1, floats: 256)
    var taker = scratch.taker(0)
    let input = Tensor<2>([x.count, 1], x), out = Tensor<2>([x.count, 1])
    defer { withExtendedLifetime((identity, scratch, input)) {} }
    let one = kernels.packTransposed(Rows(identity), scratch: &taker)
    kernels.multiply(Rows(input), one, into: Rows(out), Epilogue(activation: .gelu))
    for (found, input) in zip(out.values, x) {
      // As CKernels.h promises.
      #expect(abs(found - Float(ScalarKernels.gelu(Double(input)))) <= 3e-7 * max(1, abs(input)), "gelu(\(input))")
    }
  }

  @Test("Stored weights of every type", arguments: [ElementType.float32, .float16, .bfloat16], [1, 2])
  func linear(_ type: ElementType, _ threads: Int) {
    // Depth beyond one step of the panel, columns beyond several panels and not a multiple of any.
    let (rows, inputs, outputs) = (11, 1100, 150)
    var random = RandomNumbers(seed: 3)
    // Values that every type holds exactly.
    let weight = (0..<inputs * outputs).map { _ in Float(Int.random(in: -8...8, using: &random)) / 16 }
    let bias = random.floats(outputs), x = random.floats(rows * inputs)
    let stored = Self.stored(weight, as: type, shape: [outputs, inputs])
    #expect(stored.floats() == weight)
    let layer = Linear(weight: stored, bias: Tensor(bias))
    let team = Threads(threads)
    let scratch = Scratch(workers: threads, floats: Linear.scratchFloats)
    let out = Tensor<2>(zeros: [rows, outputs + 5])
    layer(
      Tensor<2>([rows, inputs], x), into: out, columns: 2..<outputs + 2, activation: .relu, scratch: scratch,
      threads: team)
    let expected = ScalarKernels.product(x, weight, rows: rows, columns: outputs, depth: inputs)
    for row in 0..<rows {
      let found = (0..<outputs).map { out.pointer[row * (outputs + 5) + 2 + $0] }
      let wanted = (0..<outputs).map { Float(max(0, expected[row * outputs + $0] + Double(bias[$0]))) }
      #expect(Closeness(found, wanted).isWithin(relative: tolerance))
      #expect(out.pointer[row * (outputs + 5) + 1] == 0 && out.pointer[row * (outputs + 5) + outputs + 2] == 0)
    }
  }

  @Test("Float16 of every bit pattern is widened exactly") func halves() {
    let bits = (0..<UInt16.max).map { $0 }.filter { $0 & 0x7c00 != 0x7c00 || $0 & 0x3ff == 0 }
    let buffer = Buffer(byteCount: bits.count * 2)
    bits.withUnsafeBytes {
      buffer.base.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(buffer.base), byteCount: $0.count)
    }
    let stored = StoredTensor(name: "halves", elementType: .float16, shape: [bits.count], buffer: buffer, byteOffset: 0)
    #expect(stored.floats() == bits.map { Float(Float16(bitPattern: $0)) })
  }

  /// The values in a type's bits.
  static func stored(_ values: [Float], as type: ElementType, shape: [Int]) -> StoredTensor {
    let buffer = Buffer(byteCount: values.count * type.byteCount)
    for (i, value) in values.enumerated() {
      switch type {
      case .float32: buffer.base.storeBytes(of: value, toByteOffset: 4 * i, as: Float.self)
      case .float16: buffer.base.storeBytes(of: Float16(value).bitPattern, toByteOffset: 2 * i, as: UInt16.self)
      case .bfloat16:
        buffer.base.storeBytes(of: UInt16(value.bitPattern >> 16), toByteOffset: 2 * i, as: UInt16.self)
      case .bool: buffer.base.storeBytes(of: value != 0, toByteOffset: i, as: Bool.self)
      case .int64: buffer.base.storeBytes(of: Int64(value), toByteOffset: 8 * i, as: Int64.self)
      }
    }
    return StoredTensor(name: "test", elementType: type, shape: shape, buffer: buffer, byteOffset: 0)
  }
}
