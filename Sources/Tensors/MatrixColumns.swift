// Where a layer writes when its output stands beside others in one matrix.

/// Some columns of a matrix [M, at least as many], for tasks that share them.
package struct MatrixColumns: Sendable {
  let matrix: Tensor<2>
  let range: Range<Int>
}

extension Tensor where rank == 2 {
  /// Some columns of every row.
  package func columns(_ range: Range<Int>) -> MatrixColumns { MatrixColumns(matrix: self, range: range) }
}

extension Rows {
  /// The columns as a window. They must lie inside the matrix.
  init(_ columns: MatrixColumns) { self = Rows(columns.matrix).columns(columns.range) }
}
