// Several structures of one protein, which differ in what was hidden from the language model.

import Protein

/// Structures of one protein: their ranking and how much they differ.
public struct FoldEnsemble: Sendable {
  /// What is kept of a structure.
  public struct Sample: Sendable {
    /// What determined its numbers.
    public let identity: FoldIdentity
    /// Mean pLDDT over all atoms, 0–100.
    public let meanPLDDT: Float
    /// Predicted TM-score, 0–1, and that between the chains of a complex.
    public let ptm: Float, iptm: Float?
    /// By which samples are ranked: pTM, or 0.8 ipTM + 0.2 pTM.
    public let ranking: Float
    /// Carbons α, Å; nil for X, which has no atoms.
    let carbons: [SIMD3<Double>?]

    /// What is kept of a result.
    public init(_ result: FoldResult) {
      identity = result.identity
      meanPLDDT = result.meanPLDDT
      ptm = result.ptm
      iptm = result.complex?.iptm
      ranking = result.complex?.ranking(ptm: result.ptm) ?? result.ptm
      let slots = ResidueConstants.atom14Count
      carbons = result.residues.enumerated().map { place, residue in
        if residue == .unknown { return nil }
        let at = 3 * (slots * place + 1)  // N, CA, C, …
        return [Double(result.positions[at]), Double(result.positions[at + 1]), Double(result.positions[at + 2])]
      }
    }
  }

  /// In the order in which they were made; the first one was made without masks.
  public let samples: [Sample]

  /// - Parameter samples: Of the same residues, at least one.
  public init(_ samples: [Sample]) {
    precondition(!samples.isEmpty && samples.allSatisfy { $0.carbons.count == samples[0].carbons.count })
    self.samples = samples
  }

  /// The places of the samples from the best to the worst; of equal ones the earlier first.
  public var ranked: [Int] {
    samples.indices.sorted { (samples[$1].ranking, $0) < (samples[$0].ranking, $1) }
  }

  /// The root mean square distance of the carbons α of each sample from those of the first, on which it is superposed, Å.
  public var deviations: [Double] { SuperposedPoints(samples.map { $0.carbons.compactMap(\.self) }).deviations }

  /// The root mean square fluctuation of each residue: the distance of its carbon α from its mean place in the samples, all of
  /// them superposed on the first, Å; `nil` for X.
  public var fluctuations: [Double?] {
    var known = SuperposedPoints(samples.map { $0.carbons.compactMap(\.self) }).fluctuations[...]
    return samples[0].carbons.map { $0 == nil ? nil : known.popFirst() }
  }
}
