// The right-hand side of a product, in the order in which the register tile reads it.

import CKernels

/// What happens to a product before it is stored.
package struct Epilogue {
  /// The function applied last.
  package enum Activation: Sendable {
    case identity, relu, gelu

    var code: ck_activation {
      switch self {
      case .identity: ck_identity
      case .relu: ck_relu
      case .gelu: ck_gelu
      }
    }
  }

  /// One value per column, added before the activation.
  let bias: UnsafePointer<Float>?
  let activation: Activation
  /// Whether the product is added to what the output holds.
  let accumulates: Bool

  package init(activation: Activation = .identity, accumulates: Bool = false) {
    self.init(bias: nil, activation: activation, accumulates: accumulates)
  }

  init(bias: UnsafePointer<Float>?, activation: Activation, accumulates: Bool) {
    self.bias = bias
    self.activation = activation
    self.accumulates = accumulates
  }

  var code: ck_epilogue { ck_epilogue(bias: bias, activation: activation.code, accumulate: accumulates) }
}

/// A matrix [depth, columns] packed into panels, in memory that somebody else owns.
package struct PackedMatrix {
  let base: UnsafePointer<Float>
  package let depth: Int
  package let columns: Int
}

extension Kernels {
  /// Packs bᵀ, b being [columns, depth]: x · bᵀ is then `multiply`. Takes `packedCount` floats of scratch.
  package func packTransposed(_ b: Rows, scratch: inout Scratch.Taker) -> PackedMatrix {
    let packed = scratch.floats(packedCount(columns: b.count, depth: b.columns))
    table.pointee.pack_transposed(Int64(b.count), Int64(b.columns), b.base, Int64(b.stride), ck_float32, packed)
    return PackedMatrix(base: packed, depth: b.columns, columns: b.count)
  }

  /// Packs b [depth, columns]. Takes `packedCount` floats of scratch.
  package func pack(_ b: Rows, scratch: inout Scratch.Taker) -> PackedMatrix {
    let packed = scratch.floats(packedCount(columns: b.columns, depth: b.count))
    table.pointee.pack(Int64(b.columns), Int64(b.count), b.base, Int64(b.stride), packed)
    return PackedMatrix(base: packed, depth: b.count, columns: b.columns)
  }

  /// c = epilogue(a · b), in this thread. c must not overlap a.
  package func multiply(_ a: Rows, _ b: PackedMatrix, into c: Rows, _ epilogue: Epilogue = Epilogue()) {
    precondition(
      a.columns == b.depth && c.columns == b.columns && c.count == a.count,
      "[\(a.count), \(a.columns)] · [\(b.depth), \(b.columns)] into [\(c.count), \(c.columns)]")
    var code = epilogue.code
    table.pointee.gemm(
      Int64(a.count), Int64(b.columns), Int64(b.depth), a.base, Int64(a.stride), b.base, c.base, Int64(c.stride), &code)
  }
}
