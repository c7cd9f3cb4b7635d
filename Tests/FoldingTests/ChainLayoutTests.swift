// Chains with linkers between them, against rows written out by hand.

import Folding
import Protein
import Testing

@Suite struct ChainLayoutTests {
  private func residues(_ letters: String) -> [ResidueType] { letters.utf8.map(ResidueType.init(letter:)) }
  private func letters(_ layout: ChainLayout) -> String { String(layout.residues.map(\.oneLetter)) }

  @Test("Linkers go on with the numbers of the chain before them, chains jump") func numbers() {
    let layout = ChainLayout(["MK", "A", "WYX"].map(residues), linker: residues("GG"), offset: 100)
    #expect(letters(layout) == "MKGGAGGWYX")
    #expect(layout.residueIndex == [0, 1, 2, 3, 104, 105, 106, 207, 208, 209])
    #expect(layout.chains == [0..<2, 4..<5, 7..<10])
    #expect(layout.kept == [0, 1, 4, 7, 8, 9] && layout.linkerCount == 4)
  }

  @Test("Numbers that were given count from the first of each chain") func gaps() {
    let layout = ChainLayout(
      ["MKV", "AC"].map(residues), linker: residues("G"), offset: 10, numbers: [[-3, 5, 6], [200, 250]])
    #expect(layout.residueIndex == [0, 8, 9, 10, 21, 71])
  }

  @Test("Without linkers nothing is left out") func single() {
    #expect(ChainLayout(residues("MKV")) == ChainLayout([residues("MKV")], linker: residues("GG"), offset: 9))
    let layout = ChainLayout(["MK", "V"].map(residues), offset: 32)
    #expect(layout.kept == nil && layout.residueIndex == [0, 1, 34])
    #expect(layout.rows(of: [1, 2, 3], width: 1) == [1, 2, 3])
  }

  @Test("Rows and pairs of chains") func crops() {
    let layout = ChainLayout(["M", "K", "V"].map(residues), linker: residues("G"), offset: 0)
    #expect(layout.rows(of: Array(0..<10), width: 2) == [0, 1, 4, 5, 8, 9])
    let pairs = layout.pairs(of: (0..<5).flatMap { i in (0..<5).flatMap { [i, $0] } }, width: 2)
    #expect(pairs == [0, 0, 0, 2, 0, 4, 2, 0, 2, 2, 2, 4, 4, 0, 4, 2, 4, 4])
  }

  /// By NumPy, of distances within {(0,0,0), (3.8,0,0), (3.8,3.8,0), (0,3.8,1)} and after moves of the second and the last.
  @Test("How far a structure has moved") func change() {
    func atoms(_ carbons: [[Float]]) -> [Float] {
      carbons.flatMap { carbon in [Float](repeating: .nan, count: 3) + carbon + [Float](repeating: .nan, count: 36) }
    }
    let before = atoms([[0, 0, 0], [3.8, 0, 0], [3.8, 3.8, 0], [0, 3.8, 1]])
    let after = atoms([[0, 0, 0], [4.3, 0, 0], [3.8, 3.8, 0], [0, 4.8, 0]])
    #expect(abs(RecycleChange.between(before, after, ChainLayout(residues("MKVA"))) - 0.49570296) < 1e-5)
    // X has no atoms.
    #expect(abs(RecycleChange.between(before, after, ChainLayout(residues("MKVX"))) - 0.23620746) < 1e-5)
    #expect(RecycleChange.between(before, after, ChainLayout(residues("XXXX"))) == 0)
  }
}
