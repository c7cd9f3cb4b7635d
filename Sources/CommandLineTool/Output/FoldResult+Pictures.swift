// The pictures of a fold.

import ESMFoldKit
import Pictures
import Protein

extension FoldResult {
  /// pLDDT along the sequence; X has none.
  func confidencePlot(name: String, header: String) -> ConfidencePlot {
    ConfidencePlot(subject(name, header), plddt: confidenceByResidue, mean: Double(meanPLDDT))
  }

  /// The predicted aligned errors as a map.
  func errorPlot(name: String, header: String) -> ErrorPlot {
    ErrorPlot(subject(name, header), alignedErrors, largest: Self.largestAlignedError)
  }

  /// pLDDT of each residue's alpha carbon, 0-100; nil for X.
  var confidenceByResidue: [Double?] {
    let structure = structure
    return structure.residueTypes.indices.map { structure.confidence(of: $0).map(Double.init) }
  }

  private func subject(_ name: String, _ header: String) -> PictureSubject {
    PictureSubject(
      name: name, header: header,
      chains: chains.map { PictureSubject.Chain(id: $0.id, residues: $0.residues, numbers: $0.numbers) },
      digest: identity.digest, program: "esmfold \(programVersion)")
  }
}
