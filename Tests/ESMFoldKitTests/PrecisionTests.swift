// What bfloat16 products change in a whole fold, and what they must not.

import ESMFoldKit
import Folding
import Protein
import Tensors
import TestSupport
import Testing
import Weights

/// Å: bfloat16 keeps 8 bits of every operand; through all blocks and passes of the golden models coordinates of up to
/// 26 Å were observed to move by at most 0.5 Å (random weights damp nothing).
private let coordinateDrift: Float = 1
/// On the scale 0–100; 1.2 observed.
private let plddtDrift: Float = 2.5

@Suite("Precision") struct PrecisionTests {
  init() { Buffer.isPoisoned = true }

  private static func fold(_ model: String, _ precision: Precision, threads: Int) throws -> FoldingModel.Output {
    let file = try Golden(model: model, name: "L47-rdefault").open()
    let folding = try FoldingModel(Golden.store(model), precision: precision)
    let residues = try #require(file.metadata["sequence"]).utf8.map(ResidueType.init(letter:))
    let states = folding.read([ChainLayout(residues)], threads: Threads(threads))[0]
    return folding.fold(
      states, passes: FoldingModel.Passes(folding.configuration.folding.trunk.defaultPasses), keeping: .tensors,
      threads: Threads(threads))
  }

  @Test("bfloat16 is close to float32, but not the same", arguments: ["folding-a", "folding-b"])
  func closeness(_ model: String) throws {
    let exact = try Self.fold(model, .float32, threads: 2), fast = try Self.fold(model, .bfloat16, threads: 2)
    let positions = Closeness(fast.structure.positions, exact.structure.positions)
    #expect(positions.maximum <= coordinateDrift, "\(positions)")
    #expect(positions.maximum > 1e-4)
    let plddt = Closeness(fast.confidence.plddt, exact.confidence.plddt)
    #expect(plddt.maximum <= plddtDrift, "\(plddt)")
  }

  @Test("One thread and two give the same bits in bfloat16", arguments: ["folding-a", "folding-b"])
  func threads(_ model: String) throws {
    let one = try Self.fold(model, .bfloat16, threads: 1), two = try Self.fold(model, .bfloat16, threads: 2)
    #expect(one.structure.positions == two.structure.positions)
    #expect(one.confidence.plddt == two.confidence.plddt && one.confidence.ptm == two.confidence.ptm)
    #expect(one.tensors?.sZ == two.tensors?.sZ && one.tensors?.sS == two.tensors?.sS)
  }
}
