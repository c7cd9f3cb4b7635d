// A tensor as stored in a file: shape, element type and a view of (usually mapped) bytes.

/// A row-major tensor in its stored element type.
///
/// Weights stay in this form: large matrices are widened panel by panel during the product
/// (see `Linear`), small ones are converted once with `floats()`.
package struct StoredTensor: Sendable {
  /// The name in the checkpoint; used in messages only.
  package let name: String
  /// The type of each element.
  package let elementType: ElementType
  /// Extents, outermost first; empty for a scalar.
  package let shape: [Int]
  let buffer: Buffer
  let byteOffset: Int

  /// Views `shape` elements of `buffer` starting at `byteOffset`. The range must lie in the buffer, aligned to the
  /// element.
  package init(name: String, elementType: ElementType, shape: [Int], buffer: Buffer, byteOffset: Int) {
    let byteCount = shape.reduce(elementType.byteCount, *)
    precondition(
      byteOffset >= 0 && byteOffset + byteCount <= buffer.byteCount,
      "\(name): bytes \(byteOffset)..<\(byteOffset + byteCount) of a buffer of \(buffer.byteCount)")
    precondition(byteOffset % elementType.byteCount == 0, "\(name): misaligned offset \(byteOffset)")
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.buffer = buffer
    self.byteOffset = byteOffset
  }

  /// The number of elements.
  package var count: Int { shape.reduce(1, *) }

  /// The number of bytes.
  package var byteCount: Int { count * elementType.byteCount }

  /// The stored bytes. Valid while this value (or another view of its buffer) is alive.
  package var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: buffer.base + byteOffset, count: byteCount)
  }

  /// Drops the mapped pages of this tensor from the process until they are next read.
  ///
  /// A run that needs a large weight once, such as a layer of the language model, releases its pages this way: the
  /// system keeps them in its page cache while there is space, but they no longer count against a memory limit.
  package func discardPages() { buffer.discardPages(from: byteOffset, byteCount: byteCount) }
}
