// Our PDB file of a fold has the reference's atoms and residues, at the same positions.

import ESMFoldKit
import Folding
import Foundation
import Protein
import Tensors
import TestSupport
import Testing
import Weights

/// Å: the tolerance of coordinates; both files are rounded to 0.001, which may add one unit in the last place.
private let coordinateTolerance = 0.002 + 0.001
/// On the scale 0–100; our file is rounded to 0.01.
private let plddtTolerance = 0.02 + 0.005
/// The reference's text has pLDDT on the scale 0–1 with two decimals: half a unit of 0–100 more.
private let textPLDDTTolerance = 0.5 + plddtTolerance

@Suite("Parity of PDB files") struct PDBParityTests {
  @Test("The reference's own text") func text() throws {
    let golden = Golden(model: "folding-a", name: "L13-r0")
    let file = try golden.open()
    let sequence = try #require(file.metadata["sequence"])
    let plddt = try #require(try file.allValues()["plddt"])
    let model = try FoldingModel(Golden.store(golden.model))
    let residues = sequence.utf8.map(ResidueType.init(letter:))
    let output = model.fold(
      model.read([ChainLayout(residues)], threads: Threads(1))[0], passes: FoldingModel.Passes(1), keeping: .structure,
      threads: Threads(1))
    let structure = Structure(
      positions14: output.structure.positions, plddt: output.confidence.plddt, residueTypes: residues)

    let found = try PDBReader(PDBWriter.bytes(of: structure)).atoms
    let path = Fixtures.path("folding/folding-a/L13-r0.pdb")
    let expected = try PDBReader(Data(contentsOf: URL(fileURLWithPath: path))).atoms
    #expect(expected.count > 100)
    try #require(found.map(Self.identity) == expected.map(Self.identity))
    for (atom, reference) in zip(found, expected) {
      let shift = atom.position - reference.position
      #expect(max(abs(shift.x), abs(shift.y), abs(shift.z)) <= coordinateTolerance, "\(atom), \(reference)")
      #expect(abs(atom.bFactor - 100 * reference.bFactor) <= textPLDDTTolerance, "\(atom), \(reference)")
      let type = try #require(ResidueConstants.atomTypes.firstIndex(of: atom.name))
      let exact = 100 * Double(plddt[(atom.residueNumber - 1) * ResidueConstants.atom37Count + type])
      #expect(abs(atom.bFactor - exact) <= plddtTolerance, "\(atom), \(exact)")
    }
  }

  /// The fields that must be equal.
  private static func identity(_ atom: PDBReader.Atom) -> String {
    "\(atom.serial) \(atom.name) \(atom.residueName) \(atom.chain) \(atom.residueNumber) \(atom.occupancy) \(atom.element)"
  }
}
