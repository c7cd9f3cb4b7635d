// Where a tensor is in a file of weights.

package import Tensors

/// One tensor of a file and where its data are.
package struct CheckpointEntry: Equatable, Sendable {
  /// The name in the file.
  package let name: String
  /// The element type, if this program reads it.
  package let elementType: ElementType?
  /// The element type as the format names it, such as `F32` or `torch.FloatStorage`.
  package let dtype: String
  /// Extents, outermost first; empty for a scalar.
  package let shape: [Int]
  /// The bytes of the file that hold the elements: exactly those of a dense tensor, else all from the first to the last.
  package let range: Range<Int>
  /// Elements from one to the next along each extent, where that is not row-major; `nil` for a dense tensor.
  package let strides: [Int]?

  /// The number of elements.
  package var count: Int { shape.reduce(1, *) }
}

extension CheckpointEntry {
  /// The bytes of the file that must be there for the elements `part`.
  package func range(of part: Range<Int>, size: Int) -> Range<Int> {
    let start = range.lowerBound
    return strides == nil ? start + part.lowerBound * size..<start + part.upperBound * size : range
  }

  /// The place along each extent of element `number` of the row-major order.
  func position(of number: Int) -> [Int] {
    var rest = number
    var index = [Int](repeating: 0, count: shape.count)
    for axis in shape.indices.reversed() {
      index[axis] = rest % shape[axis]
      rest /= shape[axis]
    }
    return index
  }
}
