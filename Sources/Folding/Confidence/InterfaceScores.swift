// Predicted TM-scores between the chains of a complex (AlphaFold-Multimer, Evans et al. 2021; alphafold
// common/confidence.py, predicted_tm_score).

package import Tensors

/// ipTM of a complex and of its pairs of chains, from the expected TM-score of every residue under every alignment. The
/// scale d0 of these is that of the whole complex.
package struct InterfaceScores: Sendable, Equatable {
  /// The best alignment's mean over the residues of other chains than the one aligned on, 0–1.
  package let iptm: Float
  /// The same within each pair of chains alone, symmetric, [N, N]; 0 on the diagonal (ColabFold, extra_ptm.py).
  package let pairs: [Float]

  /// Nil for a single chain.
  ///
  /// - Parameters:
  ///   - scores: Expected score of residue j when aligned on residue i, [L', L'].
  ///   - chains: The rows of each of N chains.
  package init?(_ scores: Tensor<2>, _ chains: [Range<Int>]) {
    guard chains.count > 1 else { return nil }
    let count = chains.count
    var best = -Float.infinity
    for chain in chains {
      let others = chains.filter { $0 != chain }.flatMap { Array($0) }
      best = Self.larger(best, Self.best(of: scores, alignedOn: Array(chain), over: others))
    }
    var pairs = [Float](repeating: 0, count: count * count)
    for a in 0..<count {
      for b in a + 1..<count {
        let (one, other) = (Array(chains[a]), Array(chains[b]))
        let value = Self.larger(
          Self.best(of: scores, alignedOn: one, over: other), Self.best(of: scores, alignedOn: other, over: one))
        (pairs[a * count + b], pairs[b * count + a]) = (value, value)
      }
    }
    (iptm, self.pairs) = (best, pairs)
  }

  /// The best alignment: the largest mean over `columns` in one of `rows`.
  static func best(of scores: Tensor<2>, alignedOn rows: [Int], over columns: [Int]) -> Float {
    let scores = Rows(scores)
    let means = rows.map { i in
      let row = scores.values(ofRow: i)
      return columns.reduce(Float(0)) { $0 + row[$1] } / Float(columns.count)
    }
    return means.contains(where: \.isNaN) ? .nan : means.max() ?? 0
  }

  /// NaN if one of the two is.
  private static func larger(_ a: Float, _ b: Float) -> Float { a.isNaN || b.isNaN ? .nan : max(a, b) }
}
