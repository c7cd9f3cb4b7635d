// A place in a checkpoint, so that every module names its weights relative to itself (as candle's VarBuilder does).

package import Tensors

/// A path into a checkpoint: `w["trunk"]["blocks"][7]["tri_mul_out"]` is `trunk.blocks.7.tri_mul_out`.
package struct WeightScope: Sendable {
  /// The checkpoint.
  package let store: WeightStore
  /// The names that lead here, joined by dots; empty at the root.
  package let path: String

  /// The root of `store`.
  package init(_ store: WeightStore) {
    self.init(store, path: "")
  }

  private init(_ store: WeightStore, path: String) {
    self.store = store
    self.path = path
  }

  /// The place `name` below this one; `name` may hold dots.
  package subscript(_ name: String) -> WeightScope { WeightScope(store, path: full(name)) }

  /// The place of element `index` of a list of modules.
  package subscript(_ index: Int) -> WeightScope { self["\(index)"] }

  /// The tensor `name` of this place as it is stored. Throws if it is missing or has another shape than `shape`.
  package func stored(_ name: String, _ shape: [Int]) throws(WeightError) -> StoredTensor {
    try store.stored(full(name), shape)
  }

  /// The elements of the float tensor `name` of this place, row-major, widened to float32. Throws if it is missing, has
  /// another shape than `shape` or holds integers.
  package func floats(_ name: String, _ shape: [Int]) throws(WeightError) -> [Float] {
    try storedFloats(name, shape).floats()
  }

  /// The float tensor `name` of this place as it is stored. Throws as `floats` does.
  func storedFloats(_ name: String, _ shape: [Int]) throws(WeightError) -> StoredTensor {
    let tensor = try stored(name, shape)
    guard tensor.elementType.isFloat else {
      throw .kind(tensor: tensor.name, found: tensor.elementType, expected: "floats", path: store.path)
    }
    return tensor
  }

  /// The elements of the int64 tensor `name` of this place, row-major. Throws if it is missing, has another shape than
  /// `shape` or holds floats.
  package func integers(_ name: String, _ shape: [Int]) throws(WeightError) -> [Int] {
    let tensor = try stored(name, shape)
    guard tensor.elementType == .int64 else {
      throw .kind(tensor: tensor.name, found: tensor.elementType, expected: "integers", path: store.path)
    }
    return (0..<tensor.count).map { index in
      Int(Int64(littleEndian: tensor.bytes.loadUnaligned(fromByteOffset: index * 8, as: Int64.self)))
    }
  }

  /// Whether this place has a tensor `name`. This does not count as reading it.
  package func contains(_ name: String) -> Bool { store.contains(full(name)) }

  private func full(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}
