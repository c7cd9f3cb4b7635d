// The row and rearrangement kernels under Swift names; shapes are checked here, the loops are in C.

import CKernels

extension Kernels {
  /// Softmax numerators exp(scale·x + bias − max) in place, and the reciprocal of each row's sum.
  func softmaxNumerators(_ x: Rows, scale: Float, bias: Rows?, reciprocalSums: UnsafeMutablePointer<Float>) {
    precondition(bias?.count ?? x.count == x.count && bias?.columns ?? x.columns == x.columns)
    table.pointee.softmax_numerators(
      Int64(x.count), Int64(x.columns), x.base, Int64(x.stride), scale, bias?.base, Int64(bias?.stride ?? 0),
      reciprocalSums)
  }

  /// The same with the numerators rounded into y; x is overwritten.
  func softmaxNumerators(
    _ x: Rows, scale: Float, bias: Rows?, into y: Operand, reciprocalSums: UnsafeMutablePointer<Float>
  ) {
    precondition(bias?.count ?? x.count == x.count && bias?.columns ?? x.columns == x.columns)
    precondition(y.count == x.count && y.columns == x.columns)
    table.pointee.softmax_numerators_bf16(
      Int64(x.count), Int64(x.columns), x.base, Int64(x.stride), scale, bias?.base, Int64(bias?.stride ?? 0), y.halves,
      Int64(y.stride), reciprocalSums)
  }

  /// Softmax of each row in place, of scale·x + bias.
  package func softmax(_ x: Rows, scale: Float = 1, bias: Rows? = nil, scratch: inout Scratch.Taker) {
    softmax(x, scale: scale, bias: bias, sums: scratch.rows(1, x.count))
  }

  /// The same with room for the reciprocals of the rows' sums, [1, at least as many].
  package func softmax(_ x: Rows, scale: Float = 1, bias: Rows? = nil, sums: Rows) {
    precondition(sums.columns >= x.count)
    softmaxNumerators(x, scale: scale, bias: bias, reciprocalSums: sums.base)
    self.scale(x, by: sums.base)
  }

  /// x[row] *= factors[row].
  func scale(_ x: Rows, by factors: UnsafePointer<Float>) {
    table.pointee.scale_rows(Int64(x.count), Int64(x.columns), x.base, Int64(x.stride), factors)
  }

  /// x *= σ(gate).
  package func gate(_ x: Rows, by gate: Rows) {
    precondition(gate.count == x.count && gate.columns == x.columns)
    table.pointee.gate_rows(
      Int64(x.count), Int64(x.columns), gate.base, Int64(gate.stride), x.base, Int64(x.stride))
  }

  /// y += x · σ(gate).
  package func addGated(_ x: Rows, by gate: Rows, to y: Rows) {
    precondition(
      gate.count == x.count && gate.columns == x.columns && y.count == x.count && y.columns == x.columns)
    table.pointee.add_gated_rows(
      Int64(x.count), Int64(x.columns), gate.base, Int64(gate.stride), x.base, Int64(x.stride), y.base,
      Int64(y.stride))
  }

  /// y += factor · x.
  package func add(_ x: Rows, scaledBy factor: Float = 1, to y: Rows) {
    precondition(x.count == y.count && x.columns == y.columns)
    for row in 0..<x.count {
      table.pointee.add_scaled(Int64(x.columns), factor, x.base + row * x.stride, y.base + row * y.stride)
    }
  }

  /// Rotary position embedding of x·scale in place; cosines and sines: [x.count, head width / 2].
  package func rotate(_ x: Rows, heads: Int, scale: Float, cosines: Rows, sines: Rows) {
    precondition(x.columns == heads * 2 * cosines.columns && cosines.count == x.count && sines.count == x.count)
    precondition(cosines.stride == cosines.columns && sines.stride == sines.columns)
    table.pointee.rotate(
      Int64(x.count), Int64(heads), Int64(cosines.columns), scale, cosines.base, sines.base, x.base, Int64(x.stride))
  }

  /// y = xᵀ.
  package func transpose(_ x: Rows, into y: Rows) {
    precondition(x.count == y.columns && x.columns == y.count)
    table.pointee.transpose(Int64(x.count), Int64(x.columns), x.base, Int64(x.stride), y.base, Int64(y.stride))
  }

  /// y[j] += factor · Σ_d (point[d] − points[d, j])²; point: [1, D], points: [D, n], y: [1, n].
  package func addSquaredDistances(_ point: Rows, _ points: Rows, scaledBy factor: Float, to y: Rows) {
    precondition(point.columns == points.count && y.columns == points.columns)
    table.pointee.add_squared_distances(
      Int64(points.count), Int64(points.columns), point.base, points.base, Int64(points.stride), factor, y.base)
  }

  /// y = [q · k, q − k] row by row; q: [n, C], k: [1, C], y: [n, 2C].
  package func productsAndDifferences(_ q: Rows, _ k: Rows, into y: Rows) {
    precondition(k.columns == q.columns && y.columns == 2 * q.columns && y.count == q.count)
    table.pointee.products_and_differences(
      Int64(q.count), Int64(q.columns), q.base, Int64(q.stride), k.base, y.base, Int64(y.stride))
  }
}
