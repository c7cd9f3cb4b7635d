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
  /// - Parameters:
  ///   - location: The model; downloaded weights are imported into the cache if it is not there yet.
  ///   - importing: Told the path of the unfinished cache file while an import writes it.
  ///   - note: Told what takes time or deserves attention.
  /// - Returns: The tensors.
  /// - Throws: `ModelError` when the model cannot be opened.
  public func tensors(
    of location: ModelLocation, importing: (String) -> Void = { _ in }, note: (String) -> Void = { _ in }
  ) throws -> [TensorFact] {
    let model = try location.openToCheck(importing: importing, note: note)
    return model.store.tensorsInOrder.map {
      TensorFact(
        name: $0.name, type: $0.elementType.rawValue, shape: $0.shape, bytes: $0.byteCount, sha256: model.digest(of: $0)
      )
    }
  }
}
