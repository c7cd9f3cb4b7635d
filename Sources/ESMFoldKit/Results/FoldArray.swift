// The values of one output of a fold.

import Tensors

/// An array of floats or integers, row-major. Large ones stay where they were computed: `floats` makes a copy.
public struct FoldArray: Sendable {
  private enum Storage: Sendable {
    case tensor(Tensor<1>)
    case floats([Float])
    case integers([Int])
  }

  /// Extents, outermost first; none for a number.
  public let shape: [Int]
  private let storage: Storage

  /// How the values are stored.
  public var elementType: FoldField.ElementType {
    if case .integers = storage { .int64 } else { .float32 }
  }

  /// The values; `nil` if they are integers.
  public var floats: [Float]? {
    switch storage {
    case .tensor(let tensor): tensor.values
    case .floats(let values): values
    case .integers: nil
    }
  }

  /// The values; `nil` if they are floats.
  public var integers: [Int]? { if case .integers(let values) = storage { values } else { nil } }

  init(_ shape: [Int], _ values: [Float]) {
    self.init(shape, .floats(values), count: values.count)
  }

  init(_ shape: [Int], _ values: [Int]) {
    self.init(shape, .integers(values), count: values.count)
  }

  /// The values of a tensor, which nobody must write to any more.
  init<let rank: Int>(_ shape: [Int], _ tensor: Tensor<rank>) {
    self.init(shape, .tensor(tensor.viewed(as: [tensor.count])), count: tensor.count)
  }

  private init(_ shape: [Int], _ storage: Storage, count: Int) {
    precondition(shape.reduce(1, *) == count, "\(count) values for \(shape)")
    self.shape = shape
    self.storage = storage
  }

  /// Passes on the bytes of the values, little-endian.
  func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch storage {
    case .tensor(let tensor):
      defer { withExtendedLifetime(tensor) {} }
      return try body(UnsafeRawBufferPointer(UnsafeBufferPointer(start: tensor.pointer, count: tensor.count)))
    case .floats(let values):
      return try values.withUnsafeBufferPointer { (values) throws(Failure) in try body(UnsafeRawBufferPointer(values)) }
    case .integers(let values):
      return try values.withUnsafeBufferPointer { (values) throws(Failure) in try body(UnsafeRawBufferPointer(values)) }
    }
  }
}
