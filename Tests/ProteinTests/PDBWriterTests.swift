// PDB output: the reference's lines byte for byte, columns that stay aligned at every size, and what cannot be written.

import Protein
import TestSupport
import Testing

private func types(_ sequence: String) -> [ResidueType] { sequence.utf8.map(ResidueType.init(letter:)) }

private func glycines(_ count: Int, coordinate: Float = 0, bFactor: Float = 50, from number: Int = 1) -> Structure {
  Structure(
    positions14: Array(repeating: coordinate, count: count * 14 * 3),
    plddt: Array(repeating: bFactor, count: count * 37),
    residueTypes: types(String(repeating: "G", count: count)), residueNumbers: (0..<count).map { $0 + number })
}

private func lines(_ structure: Structure, remarks: [String] = []) throws -> [String] {
  String(decoding: try PDBWriter.bytes(of: structure, remarks: remarks), as: UTF8.self)
    .split(separator: "\n").map(String.init)
}

/// The last line of every file.
private let end = "END" + String(repeating: " ", count: 77)

private func columns(_ range: ClosedRange<Int>, of line: String) -> String {
  String(decoding: Array(line.utf8)[(range.lowerBound - 1)..<min(range.upperBound, line.utf8.count)], as: UTF8.self)
}

struct PDBWriterTests {
  @Test func everyLineIsTheReferences() throws {
    let sequence = String(decoding: try ProteinFixture.bytes("reference.seq"), as: UTF8.self)
    let structure = Structure(
      positions14: try ProteinFixture.floats("reference-positions14.f32"),
      plddt: try ProteinFixture.floats("reference-plddt.f32"), residueTypes: types(sequence))
    let expected = try ProteinFixture.lines("reference.pdb").filter { $0 != "PARENT N/A" }.map {
      $0 == "END" ? end : $0
    }
    let found = try lines(structure)
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) { #expect(found == expected) }
  }

  @Test func numbersAreRoundedAsPrintfDoes() throws {
    for row in try ProteinFixture.lines("numbers.tsv") {
      let fields = row.split(separator: "\t").map(String.init)
      let value = Float(bitPattern: try #require(UInt32(fields[0], radix: 16)))
      if fields[1] != "-" {
        let line = try #require(lines(glycines(1, coordinate: value)).first)
        #expect(columns(31...54, of: line) == fields[1] + fields[1] + fields[1], "\(value)")
      }
      if fields[2] != "-" {
        let line = try #require(lines(glycines(1, bFactor: value)).first)
        #expect(columns(61...66, of: line) == fields[2], "\(value)")
      }
    }
  }

  static let wide: [(Float, String)] = [
    (9999.999, "9999.999"), (9999.9998, "10000.00"), (12345.678, "12345.68"), (99999.99, "99999.99"),
    (-999.999, "-999.999"), (-999.9999, "-1000.00"), (-1234.5678, "-1234.57"), (-99999.94, "-99999.9"),
    (123456.7, "123456.7"), (1_234_567, " 1234567"), (99_999_992, "99999992"), (-9_999_999, "-9999999"),
    (-123456.7, " -123457"),
  ]

  @Test(arguments: wide)
  func wideCoordinatesLoseDecimalsAndKeepTheirColumns(value: Float, shown: String) throws {
    let line = try #require(lines(glycines(1, coordinate: value)).first)
    #expect(columns(31...54, of: line) == shown + shown + shown)
    #expect(line.utf8.count == 80)
    #expect(try PDBReader("\(line)\n".utf8).atoms.count == 1)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, 1e8, -1e7, .greatestFiniteMagnitude])
  func coordinatesThatCannotBeWrittenAreErrors(value: Float) {
    do {
      _ = try PDBWriter.bytes(of: glycines(1, coordinate: value))
      Issue.record("\(value) was written")
    } catch {
      let start = "chain A, residue 1 (GLY), atom N: coordinate: found \(value), expected a finite number of at most 8"
      #expect(error.description.hasPrefix(start))
    }
  }

  @Test(arguments: [Float.nan, .infinity, 1e6, -1e5])
  func bFactorsThatCannotBeWrittenAreErrors(value: Float) {
    #expect(throws: PDBError.self) { try PDBWriter.bytes(of: glycines(1, bFactor: value)) }
  }

  @Test func valuesOfAtomsThatDoNotExistAreNeverLookedAt() throws {
    var positions = [Float](repeating: 1, count: 2 * 14 * 3)
    for place in 4 * 3..<14 * 3 { positions[place] = .nan }  // After glycine's four atoms.
    for place in 14 * 3..<2 * 14 * 3 { positions[place] = .nan }  // X.
    var plddt = [Float](repeating: .nan, count: 2 * 37)
    for type in [0, 1, 2, 4] { plddt[type] = 70 }
    let structure = Structure(positions14: positions, plddt: plddt, residueTypes: types("GX"))
    #expect(try lines(structure).count == 6)
    #expect(structure.meanConfidence == 70)
  }

  @Test func serialsAndResidueNumbersOutgrowTheirColumnsInHybrid36() throws {
    let found = try lines(glycines(25_001))
    #expect(found.allSatisfy { $0.hasPrefix("ATOM  ") ? $0.utf8.count == 80 : true })
    #expect(columns(7...11, of: found[99_998]) == "99999")
    #expect(columns(7...11, of: found[99_999]) == "A0000")
    #expect(columns(7...11, of: found[100_000]) == "A0001")
    #expect(columns(23...26, of: found[9998 * 4]) == "9999")
    #expect(columns(23...26, of: found[9999 * 4]) == "A000")
    #expect(columns(23...26, of: found[(9999 + 36) * 4]) == "A010")
    #expect(found.suffix(2) == ["TER   A0005      GLY AABKP", end])
  }

  /// Published boundary values of hybrid-36 (cctbx, iotbx/pdb/hybrid_36).
  @Test(arguments: [
    (-999, "-999"), (-1, "  -1"), (0, "   0"), (9999, "9999"), (10000, "A000"), (10035, "A00Z"), (10036, "A010"),
    (1_223_055, "ZZZZ"), (1_223_056, "a000"), (2_436_111, "zzzz"),
  ])
  func residueNumbers(number: Int, shown: String) throws {
    #expect(try columns(23...26, of: #require(lines(glycines(1, from: number)).first)) == shown)
  }

  @Test(arguments: [-1000, 2_436_112, Int.max, Int.min])
  func residueNumbersOutsideAreErrors(number: Int) {
    #expect(throws: PDBError.residueNumber(number, chain: "A")) { try PDBWriter.bytes(of: glycines(1, from: number)) }
    #expect(!PDBError.residueNumber(number, chain: "A").description.isEmpty)
  }

  @Test func unknownResiduesKeepTheirNumberAndWriteNoAtoms() throws {
    let structure = Structure(
      positions14: Array(repeating: 1, count: 4 * 42), plddt: Array(repeating: 10, count: 4 * 37),
      residueTypes: types("XGXG"))
    let atoms = try PDBReader(PDBWriter.bytes(of: structure)).atoms
    #expect(atoms.map(\.residueNumber) == [2, 2, 2, 2, 4, 4, 4, 4])
    #expect(atoms.map(\.name) == ["N", "CA", "C", "O", "N", "CA", "C", "O"])
    let nothing = Structure(
      positions14: [0].flatMap { Array(repeating: $0, count: 42) }, plddt: Array(repeating: 0, count: 37),
      residueTypes: [.unknown])
    #expect(try lines(nothing) == [end])
    #expect(nothing.meanConfidence == nil)
    #expect(try lines(Structure(positions14: [], plddt: [], residueTypes: [])) == [end])
  }

  @Test func everyChainEndsWithTER() throws {
    let structure = Structure(
      positions14: Array(repeating: 1, count: 3 * 42), plddt: Array(repeating: 10, count: 3 * 37),
      residueTypes: types("GGG"),
      residueNumbers: [1, 2, 1], chainIDs: ["A", "A", "B"])
    let found = try lines(structure)
    #expect(found[8] == "TER       9      GLY A   2")
    #expect(columns(7...11, of: found[9]) == "   10")
    #expect(columns(22...22, of: found[9]) == "B")
    #expect(found.suffix(2) == ["TER      14      GLY B   1", end])
  }

  @Test(arguments: ["", "AB", " ", "é", "\n"])
  func chainNamesAreOneCharacter(id: String) {
    let structure = Structure(
      positions14: Array(repeating: 1, count: 42), plddt: Array(repeating: 10, count: 37), residueTypes: types("G"),
      chainIDs: [id])
    #expect(throws: PDBError.chainID(id)) { try PDBWriter.bytes(of: structure) }
  }

  @Test func remarksAreWrappedAndPlain() throws {
    let written = try lines(glycines(1), remarks: ["esmfold, model démo", String(repeating: "x", count: 100), ""])
    #expect(written.allSatisfy { $0.utf8.count == 80 || $0.hasPrefix("TER") || $0.isEmpty })
    let found = written.map { String($0.reversed().drop { $0 == " " }.reversed()) }
    #expect(found[0] == "REMARK   6")
    #expect(found[1] == "REMARK   6 esmfold, model d?mo")
    #expect(found[2] == "REMARK   6 " + String(repeating: "x", count: 69))
    #expect(found[3] == "REMARK   6 " + String(repeating: "x", count: 31))
    #expect(found[4] == "REMARK   6")
    #expect(found[5].hasPrefix("ATOM      1  N   GLY A   1"))
  }

  @Test func everyFieldReadsBack() throws {
    let sequence = types("ARNDCQEGHILKMFPSTWYV")
    let positions = (0..<20 * 42).map { Float($0) * 0.125 - 50 }
    let plddt = (0..<20 * 37).map { Float($0 % 401) * 0.25 }
    let structure = Structure(positions14: positions, plddt: plddt, residueTypes: sequence)
    let atoms = try PDBReader(PDBWriter.bytes(of: structure)).atoms
    let expected = sequence.indices.flatMap { residue in
      (0..<37).filter { ResidueConstants.exists(atomType: $0, in: sequence[residue]) }.map { (residue, $0) }
    }
    #expect(atoms.count == 167)
    try #require(atoms.count == expected.count)
    for (index, (atom, (residue, type))) in zip(atoms, expected).enumerated() {
      let slot = ResidueConstants.atom37ToAtom14[sequence[residue].index * 37 + type]
      let place = (residue * 14 + slot) * 3
      #expect(atom.serial == String(index + 1))
      #expect(atom.name == ResidueConstants.atomTypes[type])
      #expect(atom.element == String(atom.name.prefix(1)))
      #expect(atom.residueName == sequence[residue].threeLetter)
      #expect(atom.chain == "A")
      #expect(atom.residueNumber == residue + 1)
      #expect(atom.position == SIMD3((0..<3).map { Double(positions[place + $0]) }))
      #expect(atom.occupancy == 1)
      #expect(atom.bFactor == Double(plddt[residue * 37 + type]))
    }
  }
}

struct StructureTests {
  @Test func meanConfidenceIsOverAtomsNotResidues() throws {
    // Glycine has 4 atoms, tryptophan 14.
    let plddt = [Float](repeating: 90, count: 37) + [Float](repeating: 45, count: 37) + [Float](repeating: 7, count: 37)
    let mean = try #require(Structure.meanConfidence(plddt: plddt, residueTypes: types("GWX")))
    #expect(abs(mean - (4 * 90 + 14 * 45) / 18) < 1e-4)
    #expect(Structure.meanConfidence(plddt: plddt, residueTypes: types("XXX")) == nil)
  }

  @Test func longProteinsDoNotLosePrecision() throws {
    let mean = Structure.meanConfidence(
      plddt: Array(repeating: 70.1, count: 5000 * 37), residueTypes: types(String(repeating: "W", count: 5000)))
    #expect(mean == 70.1)
  }
}
