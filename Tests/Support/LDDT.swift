// lDDT-Cα (Mariani et al. 2013; AlphaFold 2 supplement 1.9.6): how well a model preserves the distances of a structure.

/// Local distance difference test over Cα atoms. Needs no superposition; blind to mirror images, which keep distances.
package enum LDDT {
  /// A distance scores a quarter for each of these differences (Å) that it stays below.
  private static let thresholds = [0.5, 1, 2, 4]

  /// The fraction of the reference's distances within `cutoff` that the model preserves, over all pairs of residues.
  ///
  /// - Parameters:
  ///   - model: Cα positions in Å, one for each residue.
  ///   - reference: Cα positions of the same residues in the true structure.
  ///   - cutoff: Pairs further apart than this in the reference, in Å, are ignored.
  /// - Returns: 0...1; NaN if no pair is within the cutoff.
  package static func caLDDT(model: [SIMD3<Double>], reference: [SIMD3<Double>], cutoff: Double = 15) -> Double {
    precondition(model.count == reference.count, "\(model.count) model positions for \(reference.count) residues")
    var (kept, pairs) = (0.0, 0)
    for i in reference.indices {
      for j in reference.indices where i < j {
        let distance = length(reference[i] - reference[j])
        guard distance < cutoff else { continue }
        let difference = abs(length(model[i] - model[j]) - distance)
        kept += Double(thresholds.count { difference < $0 }) / Double(thresholds.count)
        pairs += 1
      }
    }
    return kept / Double(pairs)
  }

  /// The same for two files, over the residue numbers with a Cα in both.
  package static func caLDDT(model: PDBReader, reference: PDBReader, cutoff: Double = 15) -> Double {
    let positions = Dictionary(model.alphaCarbons.map { ($0.residueNumber, $0.position) }) { first, _ in first }
    let shared = reference.alphaCarbons.filter { positions[$0.residueNumber] != nil }
    return caLDDT(
      model: shared.compactMap { positions[$0.residueNumber] }, reference: shared.map(\.position), cutoff: cutoff)
  }

  private static func length(_ vector: SIMD3<Double>) -> Double {
    (vector * vector).sum().squareRoot()
  }
}
