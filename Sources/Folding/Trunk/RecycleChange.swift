// How far a structure has moved from one pass to the next (ColabFold's fork of AlphaFold, model/model.py, `tol`).

import Glibc
import Protein

/// The difference of two structures of one protein by the distances within them.
package enum RecycleChange {
  /// Compares the structures of two passes.
  ///
  /// - Parameters:
  ///   - before: Positions of the pass before, [L', 14, 3], Å.
  ///   - after: Positions of this pass.
  ///   - layout: Linkers do not count, nor does X, which has no atoms.
  /// - Returns: The root mean square of the changes of distances between carbons α, Å; pairs of a residue with itself count,
  ///   too.
  package static func between(_ before: [Float], _ after: [Float], _ layout: ChainLayout) -> Float {
    let rows = layout.chains.flatMap { $0.filter { layout.residues[$0] != .unknown } }
    guard !rows.isEmpty else { return 0 }
    func carbons(_ positions: [Float]) -> [SIMD3<Float>] {
      rows.map { row in
        let at = (row * ResidueConstants.atom14Count + alphaCarbon) * 3
        return [positions[at], positions[at + 1], positions[at + 2]]
      }
    }
    let p = carbons(before), q = carbons(after)
    var sum = 0.0
    for i in p.indices {
      for j in 0..<i {
        let change = distance(p[i], p[j]) - distance(q[i], q[j])
        sum += 2 * Double(change * change)
      }
    }
    return Float((sum / Double(rows.count * rows.count) + 1e-8).squareRoot())
  }

  private static let alphaCarbon = 1

  private static func distance(_ p: SIMD3<Float>, _ q: SIMD3<Float>) -> Float {
    let d = p - q
    return (d * d).sum().squareRoot()
  }
}
