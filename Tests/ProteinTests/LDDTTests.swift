// Tests of the score and the reader that other tests rely on.

import TestSupport
import Testing

struct LDDTTests {
  /// Both sides sum in float64; only the order differs.
  static let tolerance = 1e-9

  private func clouds() throws -> [[SIMD3<Double>]] {
    let values = try ProteinFixture.floats("lddt-points.f32").map(Double.init)
    let points = stride(from: 0, to: values.count, by: 3).map { SIMD3(values[$0], values[$0 + 1], values[$0 + 2]) }
    return stride(from: 0, to: points.count, by: 40).map { Array(points[$0..<$0 + 40]) }
  }

  @Test func valuesAreNumPys() throws {
    let clouds = try clouds()
    let expected = try ProteinFixture.lines("lddt.tsv").map { $0.split(separator: "\t").compactMap { Double($0) } }
    try #require(clouds.count == expected.count + 1)
    for (model, values) in zip(clouds.dropFirst(), expected) {
      #expect(abs(LDDT.caLDDT(model: model, reference: clouds[0]) - values[0]) < Self.tolerance)
      #expect(abs(LDDT.caLDDT(model: model, reference: clouds[0], cutoff: 8) - values[1]) < Self.tolerance)
    }
  }

  @Test func whatKeepsDistancesIsPerfectAndWhatDoesNotIsNot() throws {
    let reference = try clouds()[0]
    #expect(LDDT.caLDDT(model: reference, reference: reference) == 1)
    #expect(LDDT.caLDDT(model: reference.map { $0 + 100 }, reference: reference) == 1)
    #expect(LDDT.caLDDT(model: reference.map { SIMD3(-$0.y, $0.x, $0.z) }, reference: reference) == 1, "rotated")
    #expect(LDDT.caLDDT(model: reference.map { $0 * SIMD3(-1, 1, 1) }, reference: reference) == 1, "mirrored: blind")
    #expect(LDDT.caLDDT(model: reference.map { $0 * 1.5 }, reference: reference) < 0.5)
    let permuted = reference.indices.map { reference[($0 * 7 + 3) % reference.count] }
    #expect(LDDT.caLDDT(model: permuted, reference: reference) < 0.5)
    #expect(LDDT.caLDDT(model: Array(repeating: .zero, count: 40), reference: reference) < 0.2)
    #expect(LDDT.caLDDT(model: [.zero], reference: [.zero]).isNaN)
  }

  @Test func filesAreComparedByResidueNumber() throws {
    let whole = try PDBReader(ProteinFixture.bytes("reference.pdb"))
    #expect(LDDT.caLDDT(model: whole, reference: whole, cutoff: 200) == 1)
    let part = try ProteinFixture.lines("reference.pdb").filter { !$0.contains("TRP") }.joined(separator: "\n")
    #expect(LDDT.caLDDT(model: try PDBReader(part.utf8), reference: whole, cutoff: 200) == 1)
  }
}

struct PDBReaderTests {
  @Test func readsTheReferencesFile() throws {
    let file = try PDBReader(ProteinFixture.bytes("reference.pdb"))
    #expect(file.atoms.count == 179)
    #expect(file.alphaCarbons.count == 22)
    #expect(file.alphaCarbons[0].position == SIMD3(57.547, 65.203, -62.247))
    #expect(file.alphaCarbons[0].bFactor == 4.68)
    #expect(file.alphaCarbons.map(\.residueNumber) == [1] + Array(3...23))
  }

  @Test func readsOnlyTheFirstModel() throws {
    let line = try ProteinFixture.lines("reference.pdb")[1]
    #expect(try PDBReader("MODEL 1\n\(line)\nENDMDL\nMODEL 2\n\(line)\nENDMDL\n".utf8).atoms.count == 1)
  }

  @Test func refusesWhatIsNotInItsColumns() throws {
    let line = try ProteinFixture.lines("reference.pdb")[1]
    let shifted = line.replacing("MET A   1", with: "MET A    1")
    for damaged in [shifted, String(line.dropLast(10)), line.replacing("  -4.040", with: "     nan")] {
      #expect(throws: PDBReader.Failure.self) { try PDBReader("\(damaged)\n".utf8) }
    }
  }
}
