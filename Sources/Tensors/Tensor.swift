// Float32 activations and small weights: a row-major view with its rank in the type.

/// A view of float32 values, row-major and dense. Copying the view does not copy the values.
///
/// The rank is part of the type, so that a pair tensor cannot be passed for a sequence tensor.
package struct Tensor<let rank: Int>: Sendable {
  /// Extents, outermost first.
  package let shape: [rank of Int]
  private let buffer: Buffer
  private let offset: Int

  /// Allocates values that must be written before they are read.
  package init(_ shape: [rank of Int]) {
    self.init(shape, buffer: Buffer(byteCount: Tensor.count(shape) * MemoryLayout<Float>.stride), offset: 0)
  }

  /// Allocates zeros.
  package init(zeros shape: [rank of Int]) {
    self.init(shape, buffer: Buffer(zeroedByteCount: Tensor.count(shape) * MemoryLayout<Float>.stride), offset: 0)
  }

  /// Has a shape but no values; whoever touches them ends the process. For `Allocation`.
  init(imaginary shape: [rank of Int]) {
    let byteCount = Tensor.count(shape) * MemoryLayout<Float>.stride
    self.init(shape, buffer: Buffer(imaginaryByteCount: byteCount), offset: 0)
  }

  /// Copies `values`, row-major. There must be as many as the shape says.
  package init(_ shape: [rank of Int], _ values: [Float]) {
    precondition(values.count == Tensor.count(shape), "\(values.count) values for \(Tensor.describe(shape))")
    self.init(shape)
    withExtendedLifetime(buffer) {
      values.withUnsafeBufferPointer { pointer.update(from: $0.baseAddress ?? UnsafePointer(pointer), count: $0.count) }
    }
  }

  /// Views part of a buffer, starting `offset` floats into it.
  package init(_ shape: [rank of Int], buffer: Buffer, offset: Int) {
    precondition(
      offset >= 0 && (offset + Tensor.count(shape)) * MemoryLayout<Float>.stride <= buffer.byteCount,
      "\(Tensor.describe(shape)) at \(offset) of a buffer of \(buffer.byteCount) bytes")
    self.shape = shape
    self.buffer = buffer
    self.offset = offset
  }

  /// The number of values.
  package var count: Int { Tensor.count(shape) }

  /// The first value. Valid while a view of the same buffer is alive; writes go to every view of it.
  package var pointer: UnsafeMutablePointer<Float> {
    buffer.base.assumingMemoryBound(to: Float.self) + offset
  }

  /// The values from number `start` on, under another shape of at most as many values.
  package func viewed<let other: Int>(as shape: [other of Int], from start: Int = 0) -> Tensor<other> {
    precondition(
      start >= 0 && start + Tensor<other>.count(shape) <= count,
      "\(Tensor<other>.describe(shape)) from \(start) of \(Tensor.describe(self.shape))")
    return Tensor<other>(shape, buffer: buffer, offset: offset + start)
  }

  /// A copy of the values as an array, row-major.
  package var values: [Float] {
    withExtendedLifetime(buffer) { Array(UnsafeBufferPointer(start: pointer, count: count)) }
  }

  /// Sets every value.
  package func fill(_ value: Float) {
    withExtendedLifetime(buffer) { pointer.update(repeating: value, count: count) }
  }

  private static func count(_ shape: [rank of Int]) -> Int {
    var count = 1
    for i in 0..<rank {
      precondition(shape[i] >= 0, "negative extent in \(describe(shape))")
      count *= shape[i]
    }
    return count
  }

  private static func describe(_ shape: [rank of Int]) -> String {
    "[" + (0..<rank).map { String(shape[$0]) }.joined(separator: ", ") + "]"
  }
}

extension Tensor where rank == 1 {
  /// Allocates and copies `values`.
  package init(_ values: [Float]) { self.init([values.count], values) }

  package subscript(_ i: Int) -> Float {
    precondition(i >= 0 && i < shape[0])
    return withExtendedLifetime(buffer) { pointer[i] }
  }
}
