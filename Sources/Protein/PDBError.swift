// Why a structure does not fit into a PDB file, as data; the messages are worded only here.

/// Why a structure cannot be written as a PDB file.
package enum PDBError: Error, Hashable, Sendable {
  /// An atom of the structure, as written in the file.
  package struct Atom: Hashable, Sendable, CustomStringConvertible {
    /// Atom name, such as `CA`.
    package let name: String
    /// Three-letter code of the residue.
    package let residue: String
    /// Number of the residue in its chain.
    package let residueNumber: Int
    /// Name of the chain.
    package let chain: String

    /// `chain A, residue 12 (ALA), atom CA`
    package var description: String { "chain \(chain), residue \(residueNumber) (\(residue)), atom \(name)" }
  }

  /// A number in the atom's line.
  package enum Quantity: String, Sendable {
    case coordinate
    case bFactor = "B-factor"
  }

  /// Not finite, or too large for its columns even without decimals.
  case value(Float, Quantity, Atom)
  /// Outside -999...2,436,111, the numbers of four columns in hybrid-36.
  case residueNumber(Int, chain: String)
  /// More than the 87,440,031 lines that five columns can number in hybrid-36.
  case tooManyAtoms
  /// Not a single printable ASCII character.
  case chainID(String)
}

extension PDBError: CustomStringConvertible {
  /// `where: what: found X, expected Y`, then a line with a hint where one helps.
  package var description: String {
    switch self {
    case .value(let value, let quantity, let atom):
      let width = quantity == .coordinate ? PDBWriter.coordinateWidth : PDBWriter.bFactorWidth
      return """
        \(atom): \(quantity.rawValue): found \(value), expected a finite number of at most \(width) characters
        hint: the model's output is not usable; check its weights
        """
    case .residueNumber(let number, let chain):
      return "chain \(chain): residue number: found \(number), expected \(PDBWriter.expectedNumbers)"
    case .tooManyAtoms:
      return "PDB file: atoms: found more than \(PDBWriter.largestSerial), expected at most that many"
    case .chainID(let id):
      return "chain: name: found \"\(id)\", expected a single printable ASCII character"
    }
  }
}
