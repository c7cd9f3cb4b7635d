// What is inside a model, tensor by tensor.

import Tensors
import Weights

extension WeightsCatalog {
  /// One tensor of a model.
  public struct TensorFact: Sendable {
    /// Its name, that of transformers.
    public let name: String
    /// Its number format: float32, float16, bfloat16, int64 or bool.
    public let type: String
    /// Its extents, outermost first; none for a scalar.
    public let shape: [Int]
    /// The bytes of its elements.
    public let bytes: Int
    /// The digest of its bytes when it was imported; `nil` in files of early versions, which have none.
    public let sha256: String?
  }

  /// Every tensor of a model, in the order of its file.
  ///
  /// - Parameter location: The model; downloaded weights must have been imported.
  /// - Returns: The tensors.
  /// - Throws: `ModelError` when the model cannot be opened.
  public func tensors(of location: ModelLocation) throws(ModelError) -> [TensorFact] {
    let model = try location.openToCheck()
    return model.store.tensorsInOrder.map {
      TensorFact(
        name: $0.name, type: $0.elementType.rawValue, shape: $0.shape, bytes: $0.byteCount, sha256: model.digest(of: $0)
      )
    }
  }
}
