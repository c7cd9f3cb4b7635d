// A folding model's weights between being found and being loaded.

import Weights

/// The weights of a folding model, open and identified; nothing is bound or packed yet. Whoever finds by the identity that there
/// is something to fold makes an ``ESMFold`` of these same weights.
public struct FoldingWeights: Sendable {
  /// What identifies the model in results.
  public let identity: FoldIdentity.Model
  let store: WeightStore

  /// Opens the weights of a model. Nothing is imported: downloaded weights must be in the cache.
  ///
  /// - Throws: `ModelError` when they cannot be opened or are those of no folding model.
  public init(_ location: ModelLocation) throws(ModelError) {
    store = try location.open()
    identity = FoldIdentity.Model(store, try ModelConfiguration(of: store))
  }
}
