// The right operand of a product, in the order in which the register tile reads it.

import CKernels

/// A matrix [depth, columns] packed into panels, in memory owned elsewhere.
package struct PackedMatrix {
  let base: UnsafeRawPointer
  package let precision: Precision
  package let depth: Int
  package let columns: Int
}

extension Kernels {
  /// Memory for a packed matrix, in floats.
  package func packedCount(columns: Int, depth: Int, _ precision: Precision = .float32) -> Int {
    let rows = precision == .float32 ? depth : (depth + 1) / 2
    return (columns + panelWidth - 1) / panelWidth * panelWidth * rows
  }

  /// Packs bᵀ, b being [columns, depth]: `multiply` then computes x · bᵀ. Takes `packedCount` floats of scratch.
  package func packTransposed(
    _ b: Rows, _ precision: Precision = .float32, scratch: inout Scratch.Taker
  ) -> PackedMatrix {
    let packed = scratch.floats(packedCount(columns: b.count, depth: b.columns, precision))
    pack(b.base, .float32, columns: b.count, depth: b.columns, stride: b.stride, precision, into: packed)
    return PackedMatrix(base: packed, precision: precision, depth: b.columns, columns: b.count)
  }

  /// The same for a matrix that is already in the product's format.
  package func packTransposed(_ b: Operand, scratch: inout Scratch.Taker) -> PackedMatrix {
    let packed = scratch.floats(packedCount(columns: b.count, depth: b.columns, b.precision))
    let type: ElementType = b.precision == .float32 ? .float32 : .bfloat16
    pack(b.base, type, columns: b.count, depth: b.columns, stride: b.stride, b.precision, into: packed)
    return PackedMatrix(base: packed, precision: b.precision, depth: b.columns, columns: b.count)
  }

  /// Packs b [depth, columns]. Takes `packedCount` floats of scratch.
  package func pack(_ b: Rows, _ precision: Precision = .float32, scratch: inout Scratch.Taker) -> PackedMatrix {
    let packed = scratch.floats(packedCount(columns: b.columns, depth: b.count, precision))
    switch precision {
    case .float32: table.pointee.pack(Int64(b.columns), Int64(b.count), b.base, Int64(b.stride), packed)
    case .bfloat16: table.pointee.pack_bf16(Int64(b.columns), Int64(b.count), b.base, Int64(b.stride), packed)
    }
    return PackedMatrix(base: packed, precision: precision, depth: b.count, columns: b.columns)
  }

  /// Packs the transpose of stored values [columns, depth], widened or rounded as needed.
  func pack(
    _ b: UnsafeRawPointer?, _ type: ElementType, columns: Int, depth: Int, stride: Int, _ precision: Precision,
    into packed: UnsafeMutablePointer<Float>
  ) {
    switch precision {
    case .float32:
      table.pointee.pack_transposed(Int64(columns), Int64(depth), b, Int64(stride), type.code, packed)
    case .bfloat16:
      table.pointee.pack_transposed_bf16(Int64(columns), Int64(depth), b, Int64(stride), type.code, packed)
    }
  }

  /// c = epilogue(a · b), on the calling thread. c must not overlap a.
  package func multiply(_ a: Operand, _ b: PackedMatrix, into c: Rows, _ epilogue: Epilogue = Epilogue()) {
    check(a, b, c.count, c.columns)
    var code = epilogue.code
    switch b.precision {
    case .float32:
      table.pointee.gemm(
        Int64(a.count), Int64(b.columns), Int64(b.depth), a.floats.base, Int64(a.stride),
        b.base.assumingMemoryBound(to: Float.self), c.base, Int64(c.stride), &code)
    case .bfloat16:
      table.pointee.gemm_bf16(
        Int64(a.count), Int64(b.columns), Int64(b.depth), a.halves, Int64(a.stride), b.base, c.base, Int64(c.stride),
        false, &code)
    }
  }

  /// c = epilogue(a · b) in the product's format, to feed another product. The epilogue does not accumulate.
  package func multiply(_ a: Operand, _ b: PackedMatrix, into c: Operand, _ epilogue: Epilogue = Epilogue()) {
    guard c.precision == .bfloat16 else { return multiply(a, b, into: c.floats, epilogue) }
    check(a, b, c.count, c.columns)
    precondition(!epilogue.accumulates)
    var code = epilogue.code
    table.pointee.gemm_bf16(
      Int64(a.count), Int64(b.columns), Int64(b.depth), a.halves, Int64(a.stride), b.base, c.base, Int64(c.stride),
      true, &code)
  }

  /// c = epilogue(a · b) of float32 rows.
  package func multiply(_ a: Rows, _ b: PackedMatrix, into c: Rows, _ epilogue: Epilogue = Epilogue()) {
    multiply(Operand(a), b, into: c, epilogue)
  }

  private func check(_ a: Operand, _ b: PackedMatrix, _ count: Int, _ columns: Int) {
    precondition(
      a.precision == b.precision && a.columns == b.depth && columns == b.columns && count == a.count,
      "\(a.precision) [\(a.count), \(a.columns)] · \(b.precision) [\(b.depth), \(b.columns)] into [\(count), \(columns)]"
    )
  }
}
