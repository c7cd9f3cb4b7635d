// A tensor in the header of a safetensors file.

package import Tensors

/// One tensor as the header of a safetensors file describes it.
package struct SafetensorsEntry: Equatable, Sendable {
  /// The name in the checkpoint.
  package let name: String
  /// The element type as the format names it, such as `F32`.
  package let dtype: String
  /// Extents, outermost first; empty for a scalar.
  package let shape: [Int]
  /// Where the data lie in the file.
  package let range: Range<Int>

  /// The element type, if this program reads it.
  package var elementType: ElementType? {
    switch dtype {
    case "F32": .float32
    case "F16": .float16
    case "BF16": .bfloat16
    case "I64": .int64
    case "BOOL": .bool
    default: nil
    }
  }
}
