// What determines the numbers of a fold: two results with the same identity are the same.

import Folding
import Platform
import Protein
package import Weights

/// Everything that the numbers of a fold depend on. Threads do not count, nor does the name of the model.
///
/// Processors with other instructions may round otherwise in the last digits; that does not count either.
public struct FoldIdentity: Sendable, Equatable {
  /// The model and what it does without being asked.
  public struct Model: Sendable, Equatable {
    /// Its name, which does not count.
    public let name: String
    /// SHA-256 of its configuration and tensors, in hexadecimal digits.
    public let digest: String
    /// Extra passes of a fold that does not set a number.
    public let defaultRecycles: Int

    package init(_ store: WeightStore, _ configuration: ModelConfiguration) {
      name = store.modelName
      digest = store.digest
      defaultRecycles = configuration.folding.trunk.defaultPasses - 1
    }
  }

  /// The residues as folded: upper case, X for every letter outside the twenty.
  public let sequence: String
  /// The model.
  public let model: Model
  /// Passes after the first.
  public let recycles: Int
  /// The number format of the products, as used.
  public let precision: ESMFold.Precision

  /// The identity of a fold.
  ///
  /// - Parameters:
  ///   - request: The protein and the choices of the run.
  ///   - model: The model.
  ///   - precision: The number format asked for.
  public init(_ request: FoldRequest, with model: Model, precision: ESMFold.Precision) {
    sequence = String(request.residues.map(\.oneLetter))
    self.model = model
    recycles = request.recycles ?? model.defaultRecycles
    self.precision = precision.supported
  }

  /// The version of the rules by which numbers follow from the rest; it changes when results do.
  private static let version = 1

  /// SHA-256 of all that counts, in hexadecimal digits.
  public var digest: String {
    Digest(
      of: """
        esmfold fold \(Self.version)
        \(sequence)
        \(model.digest)
        \(recycles)
        \(precision.rawValue)

        """
    ).hexadecimal
  }
}

extension ModelLocation {
  /// What identifies the folding model here, without loading it.
  ///
  /// - Throws: `ModelError` when it cannot be opened or is no folding model.
  public func foldingIdentity() throws(ModelError) -> FoldIdentity.Model {
    let store = try open()
    return FoldIdentity.Model(store, try ModelConfiguration(of: store))
  }
}
