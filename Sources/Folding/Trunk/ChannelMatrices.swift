// The operands of the triangle products: one matrix per channel instead of one vector per pair.

import Tensors

/// [C, L, L] in the format of the products, in a buffer of the workspace.
///
/// Rows of bfloat16 have an even stride, so that an odd L has space for the zero that pairs with its last value.
struct ChannelMatrices: Sendable {
  private let storage: Tensor<1>
  private let channels: Int, length: Int
  private let precision: Precision

  /// Views the beginning of a buffer of at least `floats`.
  init(_ storage: Tensor<1>, channels: Int, length: Int, precision: Precision) {
    precondition(Self.floats(channels: channels, length: length, precision: precision) <= storage.count)
    self.storage = storage
    self.channels = channels
    self.length = length
    self.precision = precision
  }

  /// Floats of memory that the matrices take.
  static func floats(channels: Int, length: Int, precision: Precision) -> Int {
    precision.floats(channels * length, length)
  }

  /// The matrix of channel c, [L, L].
  func matrix(_ c: Int) -> Operand { all.rows(c * length..<(c + 1) * length) }

  /// Part of row i of every matrix: C rows of the columns.
  func row(_ i: Int, columns: Range<Int>) -> Operand {
    Operand(
      base: all.rows(i..<i + 1).columns(columns).start, precision: precision, count: channels, columns: columns.count,
      stride: length * precision.stride(length))
  }

  /// Writes the zeros that an odd L needs beside row i of every matrix.
  func padRow(_ i: Int) {
    guard precision == .bfloat16, length % 2 == 1 else { return }
    for c in 0..<channels { all.rows(c * length + i..<c * length + i + 1).padWithZero() }
  }

  private var all: Operand {
    Operand(
      base: storage.pointer, precision: precision, count: channels * length, columns: length,
      stride: precision.stride(length))
  }
}

extension Tensor where rank == 3 {
  /// Part of row i of every matrix of a channel-major pair tensor [C, L, L]: C rows of the columns.
  func channels(row i: Int, columns: Range<Int>) -> Rows {
    Rows(base: pointer + i * shape[2], count: shape[0], columns: shape[2], stride: shape[1] * shape[2])
      .columns(columns)
  }
}
