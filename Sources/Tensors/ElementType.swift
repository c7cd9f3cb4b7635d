// The element types of stored tensors.

/// The element type of a tensor as it is stored; arithmetic is always done in float32 or wider.
package enum ElementType: String, Sendable, CaseIterable {
  case float32, float16, bfloat16, int64
  /// A byte, 0 or 1. No model of the family has such tensors, but files may contain them.
  case bool

  /// Whether the kernels support the type.
  package var isFloat: Bool { self != .int64 && self != .bool }

  /// Bytes of one element.
  package var byteCount: Int {
    switch self {
    case .float32: 4
    case .float16, .bfloat16: 2
    case .int64: 8
    case .bool: 1
    }
  }
}
