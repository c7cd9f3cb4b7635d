// What every kernel works on: rows of floats at a fixed stride.

/// A strided window into a tensor: `count` rows of `columns` floats, `stride` floats apart.
///
/// Rows are created where used, inside one parallel task, and not `Sendable`: tasks share tensors, not windows.
/// They do not keep their tensor alive, to avoid contention on its reference count: the tensor must be a named value
/// (a workspace's field, a captured or local constant) that outlives its windows, never a temporary.
package struct Rows {
  let base: UnsafeMutablePointer<Float>
  package let count: Int
  package let columns: Int
  package let stride: Int

  package init(base: UnsafeMutablePointer<Float>, count: Int, columns: Int, stride: Int) {
    self.base = base
    self.count = count
    self.columns = columns
    self.stride = stride
  }

  /// All rows of a matrix.
  package init(_ matrix: Tensor<2>) {
    self.init(base: matrix.pointer, count: matrix.shape[0], columns: matrix.shape[1], stride: matrix.shape[1])
  }

  /// A range of rows.
  package func rows(_ range: Range<Int>) -> Rows {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "rows \(range) of \(count)")
    return Rows(base: base + range.lowerBound * stride, count: range.count, columns: columns, stride: stride)
  }

  /// A range of columns of every row.
  package func columns(_ range: Range<Int>) -> Rows {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(columns)")
    return Rows(base: base + range.lowerBound, count: count, columns: range.count, stride: stride)
  }

  /// The values of a row, for loops over many: to other modules the subscript is a call for each value, since the compiler
  /// inlines across modules only what is public.
  package func values(ofRow row: Int) -> UnsafeMutableBufferPointer<Float> {
    precondition(row >= 0 && row < count, "row \(row) of \(count)")
    return UnsafeMutableBufferPointer(start: base + row * stride, count: columns)
  }

  /// One value.
  package subscript(_ row: Int, _ column: Int) -> Float {
    get { base[row * stride + column] }
    nonmutating set { base[row * stride + column] = newValue }
  }

  /// Sets every value.
  package func fill(_ value: Float) {
    for row in 0..<count { (base + row * stride).update(repeating: value, count: columns) }
  }

  /// Copies another window of the same extents.
  package func copy(_ other: Rows) {
    precondition(other.count == count && other.columns == columns)
    for row in 0..<count { (base + row * stride).update(from: other.base + row * other.stride, count: columns) }
  }
}

extension Tensor where rank == 3 {
  /// Row `i` of a pair tensor [L, L, C] as L rows of C: the pairs (i, 0), (i, 1), ….
  package func row(_ i: Int) -> Rows {
    precondition(i >= 0 && i < shape[0])
    return Rows(base: pointer + i * shape[1] * shape[2], count: shape[1], columns: shape[2], stride: shape[2])
  }

  /// Column `j` of a pair tensor [L, L, C] as L rows of C: the pairs (0, j), (1, j), ….
  package func column(_ j: Int) -> Rows {
    precondition(j >= 0 && j < shape[1])
    return Rows(base: pointer + j * shape[2], count: shape[0], columns: shape[2], stride: shape[1] * shape[2])
  }

  /// Matrix `i` of a stack.
  package func matrix(_ i: Int) -> Rows { row(i) }
}
