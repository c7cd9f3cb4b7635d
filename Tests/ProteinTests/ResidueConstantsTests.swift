// Residue types and tables: against a hand-written list of atoms and bonds, and against the reference's own atoms.

import Protein
import Testing

struct ResidueTypeTests {
  @Test func orderIsAlphaFolds() {
    let letters = String((0..<ResidueType.count).compactMap { ResidueType(index: $0)?.oneLetter })
    #expect(letters == "ARNDCQEGHILKMFPSTWYVX")
    #expect(ResidueType(index: 21) == nil)
    #expect(ResidueType(index: -1) == nil)
  }

  @Test func lettersOfEitherCaseAndEverythingElse() {
    for byte in UInt8.min...UInt8.max {
      let type = ResidueType(letter: byte)
      let upper = String(UnicodeScalar(byte)).uppercased()
      let place = byte < 128 ? Array("ARNDCQEGHILKMFPSTWYV").firstIndex(of: Character(upper)) : nil
      #expect(type.index == place ?? 20, "byte \(byte)")
    }
    #expect(ResidueType(letter: UInt8(ascii: "U")) == .unknown)
    #expect(ResidueType.unknown.threeLetter == "UNK")
    #expect(ResidueType.unknown.oneLetter == "X")
    #expect(ResidueType.unknown.aminoAcid == nil)
  }

  @Test func namesMatchTheHandWrittenList() throws {
    for line in try ProteinFixture.lines("residues.txt") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      let type = ResidueType(letter: try #require(words[0].utf8.first))
      #expect(type.threeLetter == words[1])
      #expect(String(type.oneLetter) == words[0])
      #expect(ResidueType(try #require(type.aminoAcid)) == type)
    }
    #expect(ResidueType(.tryptophan).threeLetter == "TRP")
  }
}

struct ResidueConstantsTests {
  typealias Tables = ResidueConstants

  /// Float32 products of up to five transforms of a few Å.
  static let atomTolerance: Float = 1e-4
  /// Published tables are rounded to 0.001 Å, which for a short axis amounts to this angle.
  static let rotationTolerance: Float = 1e-5

  /// Every residue type but X.
  static let aminoAcids = AminoAcid.allCases.map(ResidueType.init)

  @Test func shapes() {
    #expect(Tables.atomTypes.count == 37)
    #expect(Set(Tables.atomTypes).count == 37)
    #expect(Tables.atom14Names.count == 21 * 14)
    #expect(Tables.atom14Mask.count == 21 * 14)
    #expect(Tables.atom14ToAtom37.count == 21 * 14)
    #expect(Tables.atom37Mask.count == 21 * 37)
    #expect(Tables.atom37ToAtom14.count == 21 * 37)
    #expect(Tables.atom14ToRigidGroup.count == 21 * 14)
    #expect(Tables.atom14RigidGroupPositions.count == 21 * 14 * 3)
    #expect(Tables.rigidGroupDefaultFrames.count == 21 * 8 * 16)
    #expect(Tables.atomTypes[Tables.alphaCarbon] == "CA")
  }

  @Test func atomsMatchTheHandWrittenList() throws {
    for line in try ProteinFixture.lines("residues.txt") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      let type = ResidueType(letter: try #require(words[0].utf8.first))
      var expected: Set = ["N", "CA", "C", "O"]
      if words[1] != "GLY" { expected.insert("CB") }
      for bond in words.dropFirst(2) { expected.formUnion(bond.split(separator: "-").map(String.init)) }
      #expect(Set(Tables.atomNames(of: type)) == expected, "\(words[1])")
      #expect(Tables.atomNames(of: type).count == expected.count, "\(words[1]): a name occurs twice")
    }
    #expect(Tables.atomNames(of: ResidueType(.glycine)).count == 4)
    #expect(Tables.atomNames(of: ResidueType(.tryptophan)).count == 14)
  }

  @Test func everyAtomGoesFromOneLayoutToTheOtherAndBack() {
    for type in Self.aminoAcids {
      for slot in 0..<14 {
        let row14 = type.index * 14 + slot
        let name = Tables.atom14Names[row14]
        #expect((Tables.atom14Mask[row14] == 1) == !name.isEmpty)
        if name.isEmpty { continue }
        let atomType = Tables.atom14ToAtom37[row14]
        #expect(Tables.atomTypes[atomType] == name)
        #expect(Tables.exists(atomType: atomType, in: type))
        #expect(Tables.atom37ToAtom14[type.index * 37 + atomType] == slot)
      }
      let count14 = Tables.atom14Mask[type.index * 14..<(type.index + 1) * 14].reduce(0, +)
      #expect(Tables.atom37Mask[type.index * 37..<(type.index + 1) * 37].reduce(0, +) == count14, "\(type.threeLetter)")
    }
  }

  @Test func unknownHasNoAtoms() {
    #expect(Tables.atomNames(of: .unknown).isEmpty)
    #expect((0..<37).allSatisfy { !Tables.exists(atomType: $0, in: .unknown) })
    #expect(Tables.rigidGroupDefaultFrames[(20 * 8 * 16)...].allSatisfy { $0 == 0 })
    #expect(Tables.atom14RigidGroupPositions[(20 * 14 * 3)...].allSatisfy { $0 == 0 })
  }

  @Test func framesAreRigidOrAbsent() {
    for frame in 0..<21 * 8 {
      let m = Array(Tables.rigidGroupDefaultFrames[frame * 16..<(frame + 1) * 16])
      if m.allSatisfy({ $0 == 0 }) {
        #expect(frame % 8 >= 4 || frame / 8 == 20, "only chi groups may be missing: \(frame)")
        continue
      }
      #expect(Array(m[12...]) == [0, 0, 0, 1])
      let columns = (0..<3).map { SIMD3(m[$0], m[4 + $0], m[8 + $0]) }
      for (i, a) in columns.enumerated() {
        for (j, b) in columns.enumerated() {
          #expect(abs((a * b).sum() - (i == j ? 1 : 0)) < Self.rotationTolerance, "frame \(frame)")
        }
      }
      let (x, y) = (columns[0], columns[1])
      let cross = SIMD3(x.y * y.z - x.z * y.y, x.z * y.x - x.x * y.z, x.x * y.y - x.y * y.x)
      #expect((cross * columns[2]).sum() > 1 - Self.rotationTolerance, "frame \(frame) is a reflection")
    }
  }

  /// All tables at once: atoms from random torsions as the reference places them.
  @Test func atomsFromTorsionsAreTheReferences() throws {
    let angles = try ProteinFixture.floats("torsion-angles.f32")
    let expected = try ProteinFixture.floats("torsion-atoms14.f32")
    for type in 0..<21 {
      let atoms = placeAtoms(type, angles: Array(angles[type * 14..<(type + 1) * 14]))
      for slot in 0..<14 {
        let row = (type * 14 + slot) * 3
        let distance = length(atoms[slot] - SIMD3(expected[row], expected[row + 1], expected[row + 2]))
        #expect(distance < Self.atomTolerance, "residue type \(type), slot \(slot): \(distance) Å off")
      }
    }
  }

  @Test func bondsHaveBondLengths() throws {
    let angles = try ProteinFixture.floats("torsion-angles.f32")
    for line in try ProteinFixture.lines("residues.txt") where !line.hasPrefix("#") {
      let words = line.split(separator: " ").map(String.init)
      let type = ResidueType(letter: try #require(words[0].utf8.first))
      let names = Tables.atomNames(of: type)
      let atoms = placeAtoms(type.index, angles: Array(angles[type.index * 14..<(type.index + 1) * 14]))
      let backbone = ["N-CA", "CA-C", "C-O"] + (names.contains("CB") ? ["CA-CB"] : [])
      for bond in backbone + words.dropFirst(2) {
        let ends = try bond.split(separator: "-").map { try #require(names.firstIndex(of: String($0))) }
        let distance = length(atoms[ends[0]] - atoms[ends[1]])
        // Bonds of C, N and O in proteins are 1.20 to 1.55 Å long, those of sulphur up to 1.83 Å.
        let range: ClosedRange<Float> = bond.contains("S") ? 1.75...1.85 : 1.2...1.56
        #expect(range.contains(distance), "\(words[1]) \(bond): \(distance) Å")
      }
    }
  }

  // === AlphaFold 2, algorithm 24, with an identity backbone frame ===

  private func placeAtoms(_ type: Int, angles: [Float]) -> [SIMD3<Float>] {
    var frames: [[Float]] = []
    for group in 0..<8 {
      let start = (type * 8 + group) * 16
      let (sin, cos) = group == 0 ? (0, 1) : (angles[(group - 1) * 2], angles[(group - 1) * 2 + 1])
      let torsion: [Float] = [1, 0, 0, 0, 0, cos, -sin, 0, 0, sin, cos, 0, 0, 0, 0, 1]
      let frame = multiply(Array(Tables.rigidGroupDefaultFrames[start..<start + 16]), torsion)
      frames.append(group > 4 ? multiply(frames[group - 1], frame) : frame)
    }
    return (0..<14).map { slot in
      let row = type * 14 + slot
      guard Tables.atom14Mask[row] == 1 else { return .zero }
      let m = frames[Tables.atom14ToRigidGroup[row]]
      let p = Tables.atom14RigidGroupPositions[row * 3..<row * 3 + 3] + [1]
      return SIMD3(
        (0..<3).map { axis -> Float in zip(m[axis * 4..<axis * 4 + 4], p).reduce(Float(0)) { $0 + $1.0 * $1.1 } })
    }
  }

  private func multiply(_ a: [Float], _ b: [Float]) -> [Float] {
    (0..<16).map { place in
      let row = place / 4 * 4, column = place % 4
      return (0..<4).reduce(Float(0)) { (sum: Float, k: Int) in sum + a[row + k] * b[k * 4 + column] }
    }
  }

  private func length(_ vector: SIMD3<Float>) -> Float { (vector * vector).sum().squareRoot() }
}
