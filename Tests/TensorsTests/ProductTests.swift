// Matrix products: against the definition on small shapes, against OpenBLAS on large ones.

import COpenBLAS
import Glibc
import Tensors
import TestSupport
import Testing

/// Float32 sums of up to 700 products of magnitude 1 in a different order.
private let tolerance: Float = 2e-5

@Suite("Matrix products") struct ProductTests {
  init() { Buffer.isPoisoned = true }

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

  /// The values in a type's bits, starting at byte `offset` of their buffer.
  static func stored(_ values: [Float], as type: ElementType, shape: [Int], at offset: Int = 0) -> StoredTensor {
    // The bytes before and after must not be read.
    let buffer = Buffer(byteCount: offset + values.count * type.byteCount + offset)
    memset(buffer.base, 0xff, buffer.byteCount)
    let base = buffer.base + offset
    for (i, value) in values.enumerated() {
      switch type {
      case .float32: base.storeBytes(of: value, toByteOffset: 4 * i, as: Float.self)
      case .float16: base.storeBytes(of: Float16(value).bitPattern, toByteOffset: 2 * i, as: UInt16.self)
      case .bfloat16: base.storeBytes(of: UInt16(value.bitPattern >> 16), toByteOffset: 2 * i, as: UInt16.self)
      case .bool: base.storeBytes(of: value != 0, toByteOffset: i, as: Bool.self)
      case .int64: base.storeBytes(of: Int64(value), toByteOffset: 8 * i, as: Int64.self)
      }
    }
    return StoredTensor(name: "test", elementType: type, shape: shape, buffer: buffer, byteOffset: offset)
  }
}
