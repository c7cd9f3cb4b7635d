// The shapes at which esmfold_v1 calls each kernel: pair tiles of 96 rows, c_z 128, heads of 32, weight panels of
// 64 × 512, one row of attention at L = 256. Operations are those of products; bytes are what a call reads and writes.

import CKernels
import Tensors

extension KernelCase {
  /// Every row of a precision; kernels without a precision are listed with float32.
  static func all(_ precision: Precision) -> [KernelCase] {
    products(precision) + packing(precision) + softmax(precision) + (precision == .float32 ? rows : [])
      + rearrangement(precision)
  }

  // === Products ===

  /// c[m × n] = a[m × k] · b on a packed b.
  static func product(
    _ shape: (m: Int, n: Int, k: Int), _ precision: Precision, _ label: String = "product",
    _ activation: ck_activation = ck_identity, narrow: Bool = false
  ) -> KernelCase {
    let (m, n, k) = shape
    return KernelCase("\(label) \(m)×\(n)×\(k)", precision, operations: 2 * m * n * k) { memory, kernels in
      let panels = packedFloats(n, k, precision, kernels), c = memory.floats(m * n), bias = memory.floats(n)
      // As many values as fit: a pair of bfloat16 values takes the place of a float.
      let b = memory.bytes(panels * (precision == .float32 ? 1 : 2), precision == .float32 ? .float32 : .bfloat16, -5)
      let epilogue = ck_epilogue(bias: bias, activation: activation, accumulate: false)
      let a = memory.bytes(m * k, precision == .float32 ? .float32 : .bfloat16, -1)
      let (M, N, K) = (Int64(m), Int64(n), Int64(k))
      return {
        var epilogue = epilogue
        switch precision {
        case .float32:
          kernels.pointee.gemm(
            M, N, K, a.assumingMemoryBound(to: Float.self), K, b.assumingMemoryBound(to: Float.self), c, N, &epilogue)
        case .bfloat16:
          kernels.pointee.gemm_bf16(M, N, K, a.assumingMemoryBound(to: UInt16.self), K, b, c, N, narrow, &epilogue)
        }
      }
    }
  }

  /// The work of `Linear` on one panel of stored weights: conversion and product.
  private static func panel(_ m: Int, _ type: ElementType, _ precision: Precision) -> KernelCase {
    let (n, k) = (64, 512)
    let multiply = product((m, n, k), precision)
    return KernelCase("weight panel \(m)×\(n)×\(k), \(type) packed", precision, operations: 2 * m * n * k) {
      let convert = packTransposed(n, k, type, precision).make($0, $1), product = multiply.make($0, $1)
      return {
        convert()
        product()
      }
    }
  }

  private static func products(_ precision: Precision) -> [KernelCase] {
    let isNarrow = precision == .bfloat16
    return [
      product((256, 256, 256), precision),
      product((96, 512, 128), precision),
      product(
        (96, 512, 128), precision, isNarrow ? "product, ReLU, to bf16" : "product, ReLU", ck_relu, narrow: isNarrow),
      product((96, 512, 128), precision, "product, GELU", ck_gelu),
      product((96, 128, 512), precision), product((96, 128, 128), precision), product((48, 256, 32), precision, "q·kᵀ"),
      product((48, 32, 256), precision, "weights·v"),
      panel(128, .float32, precision), panel(256, .float32, precision), panel(128, .float16, precision),
      panel(256, .float16, precision),
    ]
  }

  // === Packing ===

  private static func packTransposed(_ n: Int, _ k: Int, _ type: ElementType, _ precision: Precision) -> KernelCase {
    let bytes = n * k * (type.byteCount + precision.byteCount)
    return KernelCase("pack transposed \(n)×\(k) of \(type)", precision, bytes: bytes) { memory, kernels in
      let b = memory.bytes(n * k, type, -1), packed = memory.floats(packedFloats(n, k, precision, kernels))
      let code = type == .float32 ? ck_float32 : type == .float16 ? ck_float16 : ck_bfloat16
      let (N, K) = (Int64(n), Int64(k))
      return {
        switch precision {
        case .float32: kernels.pointee.pack_transposed(N, K, b, K, code, packed)
        case .bfloat16: kernels.pointee.pack_transposed_bf16(N, K, b, K, code, packed)
        }
      }
    }
  }

  private static func packing(_ precision: Precision) -> [KernelCase] {
    let (n, k, stride) = (32, 256, 512)
    let values = KernelCase("pack v \(k)×\(n)", precision, bytes: n * k * (4 + precision.byteCount)) {
      memory, kernels in
      let b = memory.floats(k * stride), packed = memory.floats(packedFloats(n, k, precision, kernels))
      let (N, K, ld) = (Int64(n), Int64(k), Int64(stride))
      return {
        switch precision {
        case .float32: kernels.pointee.pack(N, K, b, ld, packed)
        case .bfloat16: kernels.pointee.pack_bf16(N, K, b, ld, packed)
        }
      }
    }
    return [
      packTransposed(64, 512, .float32, precision), packTransposed(64, 512, .float16, precision),
      packTransposed(256, 32, .float32, precision),
      packTransposed(256, 256, precision == .float32 ? .float32 : .bfloat16, precision), values,
    ]
  }

  private static func packedFloats(_ n: Int, _ k: Int, _ precision: Precision, _ kernels: KernelTable) -> Int {
    let width = Int(precision == .float32 ? kernels.pointee.panel_width : kernels.pointee.panel_width_bf16)
    return (n + width - 1) / width * width * (precision == .float32 ? k : (k + 1) / 2)
  }

  // === Softmax ===

  private static func softmax(_ precision: Precision) -> [KernelCase] {
    let (rows, columns) = (48, 256)
    // Scores and biases are read; numerators are written.
    return [
      KernelCase(
        "softmax \(rows)×\(columns) with bias", precision, bytes: rows * columns * (8 + precision.byteCount)
      ) { memory, kernels in
        let x = memory.floats(rows * columns), bias = memory.floats(rows * columns), sums = memory.floats(rows)
        let y = memory.halves(rows * columns)
        let (R, C) = (Int64(rows), Int64(columns))
        return {
          switch precision {
          case .float32: kernels.pointee.softmax_numerators(R, C, x, C, 0.177, bias, C, sums)
          case .bfloat16: kernels.pointee.softmax_numerators_bf16(R, C, x, C, 0.177, bias, C, y, C, sums)
          }
        }
      }
    ]
  }
}
