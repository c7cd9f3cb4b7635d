// Proteins read in a batch have the same states as when read alone.

import ESMFoldKit
import Folding
import Protein
import Tensors
import TestSupport
import Testing
import Weights

@Suite("Batches") struct BatchTests {
  @Test(
    "Every protein's states are bit-identical to those it has alone",
    .needsOwnSums,
    arguments: ["folding-a", "folding-b", "folding-c"])
  func sameBits(_ name: String) throws {
    let proteins = ["MKTVRQERLK", "A", "WXYZACDEFGHIKLMNPQRSTVWYACDEFGHIKLMNPQRSTVWY", "GG"].map {
      $0.utf8.map(ResidueType.init(letter:))
    }
    for precision in Precision.allCases {
      let model = try FoldingModel(Golden.store(name), precision: precision)
      let together = model.read(proteins.map(ChainLayout.init), threads: Threads(2))
      for (protein, states) in zip(proteins, together) {
        let alone = model.read([ChainLayout(protein)], threads: Threads(2))[0]
        #expect(states.combined.values == alone.combined.values && states.layout.residues == protein, "\(precision)")
      }
    }
  }
}
