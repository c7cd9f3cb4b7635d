// Why confidence cannot be written as JSON.

/// A number that JSON does not have.
package enum ConfidenceError: Error, Hashable, Sendable {
  /// An aligned error that is not finite; residues counted from 1.
  case alignedError(Float, aligned: Int, scored: Int)
  /// A confidence that is not finite; residues counted from 1.
  case plddt(Float, residue: Int)
  /// A score that is not finite.
  case score(Float, String)
}

extension ConfidenceError: CustomStringConvertible {
  /// `where: what: found X, expected Y`, then a line with a hint.
  package var description: String {
    let (place, value) =
      switch self {
      case .alignedError(let value, let aligned, let scored):
        ("predicted aligned error of residue \(scored) on \(aligned)", value)
      case .plddt(let value, let residue): ("pLDDT of residue \(residue)", value)
      case .score(let value, let name): (name, value)
      }
    return "\(place): found \(value), expected a finite number below 1e9"
      + "\nhint: the model's output is not usable; check its weights"
  }
}
