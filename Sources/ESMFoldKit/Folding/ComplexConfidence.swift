// Confidence in the interfaces of a complex.

import Folding
import Glibc
import Protein

/// Confidence in how the chains of a complex are placed. ESMFold was trained on single chains, and pDockQ and ipSAE were
/// fitted to AlphaFold-Multimer: they rank predictions of one complex, and their absolute values are not calibrated.
public struct ComplexConfidence: Sendable, Equatable {
  /// Two chains.
  public struct Pair: Sendable, Equatable {
    /// Their places among the chains, the lower one first.
    public let first: Int, second: Int
    /// ipTM of the two chains alone, 0–1, with the d0 of the whole complex (ColabFold, `colabfold/alphafold/extra_ptm.py`).
    public let iptm: Float
    /// Mean expected error, Å, of the residues of the second chain aligned on those of the first.
    public let meanErrorOfSecond: Float
    /// Mean expected error, Å, of the residues of the first chain aligned on those of the second.
    public let meanErrorOfFirst: Float
    /// pDockQ, 0.018–0.742, or 0 without contacts (Bryant et al. 2022, doi:10.1038/s41467-022-28865-w).
    public let pDockQ: Float
    /// ipSAE of the second chain aligned on the first, 0–1 (Dunbrack 2025, doi:10.1101/2025.02.10.637595; d0res).
    public let ipSAEOfSecond: Float
    /// ipSAE of the first chain aligned on the second.
    public let ipSAEOfFirst: Float

    /// Mean expected error between the chains, Å, in both directions.
    public var meanError: Float { (meanErrorOfSecond + meanErrorOfFirst) / 2 }
    /// The larger ipSAE of the two directions.
    public var ipSAE: Float { max(ipSAEOfSecond, ipSAEOfFirst) }
  }

  /// Predicted TM-score between chains, 0–1 (AlphaFold-Multimer, Evans et al. 2021, doi:10.1101/2021.10.04.463034).
  public let iptm: Float
  /// All pairs of chains: A with B, A with C, …, B with C, ….
  public let pairs: [Pair]

  /// By which models of one complex are ranked: 0.8 ipTM + 0.2 pTM (AlphaFold-Multimer).
  public func ranking(ptm: Float) -> Float { 0.8 * iptm + 0.2 * ptm }

  /// The residues of all chains with their atoms.
  struct Atoms {
    /// Carbon β, or α of glycine, of each residue; nil for X.
    let carbons: [SIMD3<Float>?]
    /// pLDDT of these atoms, 0–100.
    let plddt: [Float]

    /// `positions`: [L, 14, 3], Å; `plddt`: [L, 37].
    init(_ residues: [ResidueType], positions: [Float], plddt: [Float]) {
      let (slots, types) = (ResidueConstants.atom14Count, ResidueConstants.atom37Count)
      var carbons: [SIMD3<Float>?] = [], confidence: [Float] = []
      for (place, residue) in residues.enumerated() {
        let type = [Self.betaCarbon, ResidueConstants.alphaCarbon].first {
          ResidueConstants.exists(atomType: $0, in: residue)
        }
        guard let type else {
          carbons.append(nil)
          confidence.append(0)
          continue
        }
        let at = (place * slots + ResidueConstants.atom37ToAtom14[residue.index * types + type]) * 3
        carbons.append([positions[at], positions[at + 1], positions[at + 2]])
        confidence.append(plddt[place * types + type])
      }
      (self.carbons, self.plddt) = (carbons, confidence)
    }

    private static let betaCarbon = 3
  }

  /// - Parameters:
  ///   - scores: Predicted TM-scores between the chains.
  ///   - chains: N chains of L residues in all.
  ///   - atoms: Of the L residues.
  ///   - error: Expected errors, Å, [L, L].
  init(_ scores: InterfaceScores, _ chains: [FoldChain], _ atoms: Atoms, _ error: AlignedErrors) {
    iptm = scores.iptm
    let ranges = chains.map(\.residues)
    pairs = ranges.indices.flatMap { a in
      (a + 1..<ranges.count).map { b in
        Pair(
          first: a, second: b, iptm: scores.pairs[a * ranges.count + b],
          meanErrorOfSecond: error.mean(alignedOn: ranges[a], of: ranges[b]),
          meanErrorOfFirst: error.mean(alignedOn: ranges[b], of: ranges[a]),
          pDockQ: Self.pDockQ(ranges[a], ranges[b], atoms),
          ipSAEOfSecond: error.ipSAE(alignedOn: ranges[a], of: ranges[b]),
          ipSAEOfFirst: error.ipSAE(alignedOn: ranges[b], of: ranges[a]))
      }
    }
  }

  /// 0.724 / (1 + exp(−0.052 (x − 152.611))) + 0.018, x the mean pLDDT of interface residues times log10 of the number of
  /// contacts: pairs of carbons β (α of glycine) within 8 Å.
  static func pDockQ(_ one: Range<Int>, _ other: Range<Int>, _ atoms: Atoms) -> Float {
    let squaredReach: Float = 64
    var contacts = 0, touched: Set<Int> = []
    for i in one {
      guard let p = atoms.carbons[i] else { continue }
      for j in other {
        guard let q = atoms.carbons[j] else { continue }
        let d = p - q
        guard (d * d).sum() <= squaredReach else { continue }
        contacts += 1
        touched.formUnion([i, j])
      }
    }
    guard contacts > 0 else { return 0 }
    let mean = touched.reduce(0.0) { $0 + Double(atoms.plddt[$1]) } / Double(touched.count)
    let x = mean * log10(Double(contacts))
    return Float(0.724 / (1 + exp(-0.052 * (x - 152.611))) + 0.018)
  }
}

extension AlignedErrors {
  fileprivate func mean(alignedOn rows: Range<Int>, of columns: Range<Int>) -> Float {
    var sum = 0.0
    for i in rows { for j in columns { sum += Double(values[i * count + j]) } }
    return Float(sum / Double(rows.count * columns.count))
  }

  /// ipSAE with d0res: the best row's mean of 1 / (1 + (e / d0)²) over the columns with an error e below 10 Å, where d0 is
  /// that of as many residues, at least 1 Å (github.com/DunbrackLab/IPSAE, version 4).
  fileprivate func ipSAE(alignedOn rows: Range<Int>, of columns: Range<Int>) -> Float {
    let cutoff = 10.0
    var best = 0.0
    for i in rows {
      let near = columns.map { Double(values[i * count + $0]) }.filter { $0 < cutoff }
      guard !near.isEmpty else { continue }
      let d0 = max(1, 1.24 * cbrt(Double(max(26, near.count)) - 15) - 1.8)
      let sum = near.reduce(0) { $0 + 1 / (1 + $1 * $1 / (d0 * d0)) }
      best = max(best, sum / Double(near.count))
    }
    return Float(best)
  }
}
