// The kernels that process rows or rearrange them, at shapes of esmfold_v1. Operands are chosen so that values neither
// grow without bound nor decay to subnormals when a kernel is applied in place repeatedly.

import CKernels
import Tensors

extension KernelCase {
  /// Kernels that exist only in float32.
  static var rows: [KernelCase] {
    [
      layerNorm(96, 128), layerNorm(16, 2560), gate, addGated, scale, addScaled(1024), rotate, distances,
      productsAndDifferences, widen(.float16), widen(.bfloat16),
    ]
  }

  private static func layerNorm(_ rows: Int, _ columns: Int) -> KernelCase {
    KernelCase("layer norm \(rows)×\(columns)", bytes: 8 * rows * columns) { memory, kernels in
      let x = memory.floats(rows * columns), y = memory.floats(rows * columns)
      let gain = memory.floats(columns), offset = memory.floats(columns)
      let (R, C) = (Int64(rows), Int64(columns))
      return { kernels.pointee.layer_norm(R, C, x, C, gain, offset, 1e-5, y, C) }
    }
  }

  /// a and b of a triangle multiplication times their gates, which are stored beside them.
  private static var gate: KernelCase {
    KernelCase("gate 96×256", bytes: 12 * 96 * 256) { memory, kernels in
      // σ(30) is 1: values do not change.
      let x = memory.floats(96 * 512), gates = memory.floats(repeating: 30, 96 * 512)
      return { kernels.pointee.gate_rows(96, 256, gates, 512, x, 512) }
    }
  }

  private static var addGated: KernelCase {
    KernelCase("add gated 96×128", bytes: 16 * 96 * 128) { memory, kernels in
      let x = memory.floats(96 * 128), gates = memory.floats(96 * 128), y = memory.floats(96 * 128)
      return { kernels.pointee.add_gated_rows(96, 128, gates, 128, x, 128, y, 128) }
    }
  }

  private static var scale: KernelCase {
    KernelCase("scale rows 48×32", bytes: 8 * 48 * 32) { memory, kernels in
      let x = memory.floats(48 * 128), factors = memory.floats(repeating: 1, 48)
      return { kernels.pointee.scale_rows(48, 32, x, 128, factors) }
    }
  }

  static func addScaled(_ count: Int) -> KernelCase {
    KernelCase("add scaled \(count)", bytes: 12 * count) { memory, kernels in
      let x = memory.floats(count), y = memory.floats(count)
      return { kernels.pointee.add_scaled(Int64(count), 0.001, x, y) }
    }
  }

  /// Queries of 16 tokens of the 3B language model.
  private static var rotate: KernelCase {
    KernelCase("rotate 16×40×64", bytes: 8 * 16 * 40 * 64) { memory, kernels in
      let x = memory.floats(16 * 2560)
      let cosines = memory.floats(repeating: 0.6, 16 * 32), sines = memory.floats(repeating: 0.8, 16 * 32)
      return { kernels.pointee.rotate(16, 40, 32, 1, cosines, sines, x, 2560) }
    }
  }

  /// Four query points against the key points of 256 residues.
  private static var distances: KernelCase {
    KernelCase("squared distances 12×256", bytes: 4 * 14 * 256) { memory, kernels in
      let point = memory.floats(12), points = memory.floats(12 * 256), y = memory.floats(256)
      return { kernels.pointee.add_squared_distances(12, 256, point, points, 256, -0.1, y) }
    }
  }

  private static var productsAndDifferences: KernelCase {
    KernelCase("products and differences 96×64", bytes: 12 * 96 * 64) { memory, kernels in
      let q = memory.floats(96 * 128), k = memory.floats(64), y = memory.floats(96 * 128)
      return { kernels.pointee.products_and_differences(96, 64, q, 128, k, y, 128) }
    }
  }

  private static func widen(_ type: ElementType) -> KernelCase {
    KernelCase("widen 32768 of \(type)", bytes: 6 * 32768) { memory, kernels in
      let x = memory.bytes(32768, type, -1), y = memory.floats(32768)
      let code = type == .float16 ? ck_float16 : ck_bfloat16
      return { kernels.pointee.widen(32768, x, code, y) }
    }
  }

  // === Rearrangement ===

  /// Between a tile of pairs and the channel-major operands of the triangle products at L = 256, whose rows are L² apart.
  static func rearrangement(_ precision: Precision) -> [KernelCase] {
    let (rows, columns, length) = (96, 128, 256)
    let size = rows * columns, bytes = size * (4 + precision.byteCount), far = length * length
    let (R, C, S) = (Int64(rows), Int64(columns), Int64(far))
    let isNarrow = precision == .bfloat16
    var cases = [
      KernelCase("transpose \(rows)×\(columns) to channels", precision, bytes: bytes) { memory, kernels in
        let x = memory.floats(size)
        if isNarrow {
          let y = memory.halves(columns * far)
          return { kernels.pointee.transpose_narrow(R, C, x, C, y, S) }
        }
        let y = memory.floats(columns * far)
        return { kernels.pointee.transpose(R, C, x, C, y, S) }
      },
      KernelCase("transpose \(columns)×\(rows) from channels", precision, bytes: bytes) { memory, kernels in
        let y = memory.floats(size)
        if isNarrow {
          let x = memory.halves(columns * far)
          return { kernels.pointee.transpose_widen(C, R, x, S, y, C) }
        }
        let x = memory.floats(columns * far)
        return { kernels.pointee.transpose(C, R, x, S, y, C) }
      },
    ]
    if isNarrow {
      cases.append(
        KernelCase("narrow \(rows)×\(columns)", precision, bytes: bytes) { memory, kernels in
          let x = memory.floats(size), y = memory.halves(size)
          return { kernels.pointee.narrow(R, C, x, C, y, C) }
        })
    } else {
      cases.append(
        KernelCase("transpose \(rows)×\(columns), dense", precision, bytes: bytes) { memory, kernels in
          let x = memory.floats(size), y = memory.floats(size)
          return { kernels.pointee.transpose(R, C, x, C, y, R) }
        })
    }
    return cases
  }
}
