// Layer normalisation as a value: gain, offset and epsilon.

import CKernels

/// y = (x − mean) / √(variance + ε) · weight + bias over the last axis.
package struct LayerNorm: Sendable {
  /// Gain [C] and offset [C]; `weight` and `bias` in the checkpoint.
  package let weight: Tensor<1>, bias: Tensor<1>
  /// Added to the variance.
  package let epsilon: Float

  package init(weight: Tensor<1>, bias: Tensor<1>, epsilon: Float) {
    precondition(weight.count == bias.count)
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  /// Normalises each row of x into y, on the calling thread. y may be x.
  package func callAsFunction(_ x: Rows, into y: Rows, kernels: Kernels = .active) {
    precondition(x.columns == weight.count && y.columns == x.columns && y.count == x.count)
    kernels.table.pointee.layer_norm(
      Int64(x.count), Int64(x.columns), x.base, Int64(x.stride), weight.pointer, bias.pointer, epsilon, y.base,
      Int64(y.stride))
  }

  /// Normalises each row of x into y, on all threads. y may be x.
  package func callAsFunction(_ x: Tensor<2>, into y: Tensor<2>, threads: Threads) {
    threads.forEachTile(of: x.shape[0], size: LayerNorm.tileRows) { tile, _ in
      self(Rows(x).rows(tile), into: Rows(y).rows(tile))
    }
  }

  /// Rows per task, enough to be worth its overhead.
  private static let tileRows = 8
}
