// The left operand of a product, in the product's number format.

import CKernels

/// A window of rows in the format of a product: float32 values, or bfloat16 values in pairs.
///
/// In bfloat16 the stride is even, and an odd last value is followed by a zero.
package struct Operand {
  let base: UnsafeMutableRawPointer
  package let precision: Precision
  package let count: Int
  package let columns: Int
  /// Distance between rows, in values.
  package let stride: Int

  package init(base: UnsafeMutableRawPointer, precision: Precision, count: Int, columns: Int, stride: Int) {
    precondition(precision == .float32 || stride % 2 == 0 && stride >= columns)
    self.base = base
    self.precision = precision
    self.count = count
    self.columns = columns
    self.stride = stride
  }

  /// Float32 rows, unchanged.
  package init(_ rows: Rows) {
    self.init(base: rows.base, precision: .float32, count: rows.count, columns: rows.columns, stride: rows.stride)
  }

  /// A range of rows.
  package func rows(_ range: Range<Int>) -> Operand {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "rows \(range) of \(count)")
    return Operand(
      base: base + range.lowerBound * stride * precision.byteCount, precision: precision, count: range.count,
      columns: columns, stride: stride)
  }

  /// A range of columns of every row, starting at an even one.
  package func columns(_ range: Range<Int>) -> Operand {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(columns)")
    precondition(range.lowerBound % 2 == 0 || precision == .float32)
    return Operand(
      base: base + range.lowerBound * precision.byteCount, precision: precision, count: count, columns: range.count,
      stride: stride)
  }

  /// The first value.
  package var start: UnsafeMutableRawPointer { base }

  /// Writes the zero after the odd last value of every row. Only for bfloat16.
  package func padWithZero() {
    for row in 0..<count { halves[row * stride + columns] = 0 }
  }

  /// The rows as floats. Only for float32.
  var floats: Rows {
    precondition(precision == .float32)
    return Rows(base: base.assumingMemoryBound(to: Float.self), count: count, columns: columns, stride: stride)
  }

  var halves: UnsafeMutablePointer<UInt16> {
    precondition(precision == .bfloat16)
    return base.assumingMemoryBound(to: UInt16.self)
  }
}

extension Precision {
  /// Bytes of one value.
  package var byteCount: Int { self == .float32 ? 4 : 2 }

  /// The distance between rows of `columns` values.
  package func stride(_ columns: Int) -> Int { self == .float32 ? columns : (columns + 1) / 2 * 2 }

  /// Memory for `count` rows of `columns` values, in floats.
  package func floats(_ count: Int, _ columns: Int) -> Int { count * stride(columns) * byteCount / 4 }
}

extension Scratch.Taker {
  /// A dense operand of `count` × `columns`.
  package mutating func operand(_ count: Int, _ columns: Int, _ precision: Precision) -> Operand {
    Operand(
      base: floats(precision.floats(count, columns)), precision: precision, count: count, columns: columns,
      stride: precision.stride(columns))
  }

  /// Rows in a product's format: the rows themselves in float32, a rounded copy in bfloat16.
  package mutating func operand(_ rows: Rows, _ precision: Precision, kernels: Kernels = .active) -> Operand {
    guard precision == .bfloat16 else { return Operand(rows) }
    let operand = operand(rows.count, rows.columns, precision)
    kernels.narrow(rows, into: operand)
    return operand
  }
}

extension Kernels {
  /// Rows in the format of `room`: the rows themselves in float32, a copy rounded into it in bfloat16.
  package func operand(_ x: Rows, in room: Operand) -> Operand {
    guard room.precision == .bfloat16 else { return Operand(x) }
    narrow(x, into: room)
    return room
  }

  /// y = x rounded to y's format.
  package func narrow(_ x: Rows, into y: Operand) {
    precondition(x.count == y.count && x.columns == y.columns)
    table.pointee.narrow(Int64(x.count), Int64(x.columns), x.base, Int64(x.stride), y.halves, Int64(y.stride))
  }

  /// y = xᵀ rounded to y's format.
  package func transpose(_ x: Rows, into y: Operand) {
    guard y.precision == .bfloat16 else { return transpose(x, into: y.floats) }
    precondition(x.count == y.columns && x.columns == y.count)
    table.pointee.transpose_narrow(
      Int64(x.count), Int64(x.columns), x.base, Int64(x.stride), y.halves, Int64(y.stride))
  }

  /// y = xᵀ.
  package func transpose(_ x: Operand, into y: Rows) {
    guard x.precision == .bfloat16 else { return transpose(x.floats, into: y) }
    precondition(x.count == y.columns && x.columns == y.count)
    table.pointee.transpose_widen(
      Int64(x.count), Int64(x.columns), x.halves, Int64(x.stride), y.base, Int64(y.stride))
  }
}
