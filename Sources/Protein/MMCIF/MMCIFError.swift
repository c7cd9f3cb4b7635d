// Why a structure does not fit into an mmCIF file, as data; the messages are worded only here.

/// Why a structure cannot be written as an mmCIF file.
package enum MMCIFError: Error, Hashable, Sendable {
  /// Not finite, or far too large.
  case value(Float, PDBError.Quantity, PDBError.Atom)
  /// A score that is not finite, or far too large.
  case score(Float, name: String)
  /// An aligned error that is not finite, or far too large; residues counted from 1.
  case alignedError(Float, Int, Int)
  /// Empty, or with something else than printable ASCII.
  case chainID(String)
  /// The residues of a chain are not next to each other.
  case dividedChain(String)
}

extension MMCIFError: CustomStringConvertible {
  /// `where: what: found X, expected Y`, then a line with a hint where one helps.
  package var description: String {
    let hint = "\nhint: the model's output is not usable; check its weights"
    switch self {
    case .value(let value, let quantity, let atom):
      return "\(atom): \(quantity.rawValue): found \(value), expected a finite number below 1e9" + hint
    case .score(let value, let name):
      return "\(name): found \(value), expected a finite number below 1e9" + hint
    case .alignedError(let value, let aligned, let scored):
      return "predicted aligned error of residue \(scored) on \(aligned): found \(value), expected a finite number "
        + "below 1e9" + hint
    case .chainID(let id):
      return "chain: name: found \"\(id)\", expected printable ASCII characters"
    case .dividedChain(let id):
      return "chain \(id): residues: found them in several places, expected them next to each other"
    }
  }
}
