// Residue numbers that are not those of a request's residues.

package import Protein

/// In what given residue numbers differ from what they should be.
public enum ResidueNumberMismatch: Error, Equatable, Sendable {
  /// Numbers for another count of chains.
  case chains(found: Int, expected: Int)
  /// Another count of numbers than the chain has residues; chains count from 1.
  case residues(chain: Int, found: Int, expected: Int)
  /// A number that is not greater than the one before it.
  case order(chain: Int, previous: Int, next: Int)

  /// Nil if the numbers fit: one for each residue, ascending in each chain.
  package init?(_ numbers: [[Int]], of chains: [[ResidueType]]) {
    guard numbers.count == chains.count else {
      self = .chains(found: numbers.count, expected: chains.count)
      return
    }
    for (place, (own, chain)) in zip(numbers, chains).enumerated() {
      guard own.count == chain.count else {
        self = .residues(chain: place + 1, found: own.count, expected: chain.count)
        return
      }
      for (previous, next) in zip(own, own.dropFirst()) where next <= previous {
        self = .order(chain: place + 1, previous: previous, next: next)
        return
      }
    }
    return nil
  }

  /// `what: found X, expected Y`.
  var sentence: String {
    switch self {
    case .chains(let found, let expected):
      "residue numbers: found those of \(found) \(found == 1 ? "chain" : "chains"), expected \(expected)"
    case .residues(let chain, let found, let expected):
      "residue numbers of chain \(chain): found \(found), expected \(expected), one for each residue"
    case .order(let chain, let previous, let next):
      "residue numbers of chain \(chain): found \(next) after \(previous), expected ascending numbers"
    }
  }
}
