// The right operand of a product, in the order in which the register tile reads it.

import CKernels

/// A matrix [depth, columns] packed into panels, in memory owned elsewhere.
package struct PackedMatrix {
  let base: UnsafeMutableRawPointer
  package let precision: Precision
  package let depth: Int
  package let columns: Int
}

extension Scratch.Taker {
  /// Room for a packed matrix [depth, columns], which `Kernels.pack` or `packTransposed` fills.
  package mutating func packed(
    depth: Int, columns: Int, _ precision: Precision = .float32, kernels: Kernels = .active
  ) -> PackedMatrix {
    PackedMatrix(
      base: floats(kernels.packedCount(columns: columns, depth: depth, precision)), precision: precision, depth: depth,
      columns: columns)
  }
}

extension Kernels {
  /// Memory for a packed matrix, in floats.
  package func packedCount(columns: Int, depth: Int, _ precision: Precision = .float32) -> Int {
    let rows = precision == .float32 ? depth : (depth + 1) / 2, width = panelWidth(precision)
    return (columns + width - 1) / width * width * rows
  }

  /// Packs bᵀ, b being [columns, depth]: `multiply` then computes x · bᵀ. Takes `packedCount` floats of scratch.
  package func packTransposed(
    _ b: Rows, _ precision: Precision = .float32, scratch: inout Scratch.Taker
  ) -> PackedMatrix {
    let packed = scratch.packed(depth: b.columns, columns: b.count, precision, kernels: self)
    packTransposed(b, into: packed)
    return packed
  }

  /// The same for a matrix that is already in the product's format.
  package func packTransposed(_ b: Operand, scratch: inout Scratch.Taker) -> PackedMatrix {
    let packed = scratch.packed(depth: b.columns, columns: b.count, b.precision, kernels: self)
    packTransposed(b, into: packed)
    return packed
  }

  /// Packs b [depth, columns]. Takes `packedCount` floats of scratch.
  package func pack(_ b: Rows, _ precision: Precision = .float32, scratch: inout Scratch.Taker) -> PackedMatrix {
    let packed = scratch.packed(depth: b.count, columns: b.columns, precision, kernels: self)
    pack(b, into: packed)
    return packed
  }

  /// Packs bᵀ, b being [columns, depth].
  package func packTransposed(_ b: Rows, into packed: PackedMatrix) {
    packTransposed(
      StoredRows(base: b.base, type: .float32, count: b.count, columns: b.columns, stride: b.stride), into: packed)
  }

  /// The same for a matrix that is in the product's format already.
  package func packTransposed(_ b: Operand, into packed: PackedMatrix) {
    precondition(b.precision == packed.precision)
    let type: ElementType = b.precision == .float32 ? .float32 : .bfloat16
    packTransposed(
      StoredRows(base: b.base, type: type, count: b.count, columns: b.columns, stride: b.stride), into: packed)
  }

  /// The same for stored values, widened or rounded as need be.
  func packTransposed(_ b: StoredRows, into packed: PackedMatrix) {
    precondition(b.count == packed.columns && b.columns == packed.depth)
    let (columns, depth) = (Int64(packed.columns), Int64(packed.depth))
    let panels = packed.base.assumingMemoryBound(to: Float.self)
    switch packed.precision {
    case .float32: table.pointee.pack_transposed(columns, depth, b.base, Int64(b.stride), b.type.code, panels)
    case .bfloat16: table.pointee.pack_transposed_bf16(columns, depth, b.base, Int64(b.stride), b.type.code, panels)
    }
  }

  /// Packs b [depth, columns].
  package func pack(_ b: Rows, into packed: PackedMatrix) {
    precondition(b.count == packed.depth && b.columns == packed.columns)
    let (columns, depth) = (Int64(packed.columns), Int64(packed.depth))
    let panels = packed.base.assumingMemoryBound(to: Float.self)
    switch packed.precision {
    case .float32: table.pointee.pack(columns, depth, b.base, Int64(b.stride), panels)
    case .bfloat16: table.pointee.pack_bf16(columns, depth, b.base, Int64(b.stride), panels)
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

/// Rows of values as a file holds them: `count` rows of `columns`, `stride` values apart.
struct StoredRows {
  let base: UnsafeRawPointer?
  let type: ElementType
  let count: Int, columns: Int, stride: Int
}
