// Every value of every table, against the reference's tables bit for bit. ResidueConstantsTests checks that they make
// sense, which does not cover digits in the frame of a torsion that moves no atom.

import Protein
import Testing

struct ResidueTableTests {
  typealias Tables = ResidueConstants

  @Test func everyNumberIsTheReferences() throws {
    let expected = try ProteinFixture.floats("residue-tables.f32")
    let tables: [(name: String, columns: Int, values: [Float])] = [
      ("atom14Mask", 14, Tables.atom14Mask), ("atom14ToAtom37", 14, Tables.atom14ToAtom37.map(Float.init)),
      ("atom37Mask", 37, Tables.atom37Mask), ("atom37ToAtom14", 37, Tables.atom37ToAtom14.map(Float.init)),
      ("atom14ToRigidGroup", 14, Tables.atom14ToRigidGroup.map(Float.init)),
      ("atom14RigidGroupPositions", 14 * 3, Tables.atom14RigidGroupPositions),
      ("rigidGroupDefaultFrames", 8 * 16, Tables.rigidGroupDefaultFrames),
    ]
    try #require(tables.reduce(0) { $0 + $1.values.count } == expected.count)
    var start = 0
    for (name, columns, values) in tables {
      try #require(values.count == 21 * columns, "\(name)")
      for (place, value) in values.enumerated() where value.bitPattern != expected[start + place].bitPattern {
        Issue.record(
          """
          \(name): residue type \(place / columns), column \(place % columns): found \(value), \
          expected \(expected[start + place])
          """)
      }
      start += values.count
    }
  }

  @Test func everyNameIsTheReferences() throws {
    let lines = try ProteinFixture.lines("residue-names.txt").map { $0.split(separator: " ").map(String.init) }
    try #require(lines.count == 21)
    #expect(Tables.atomTypes == lines[0])
    for (type, names) in zip(ResidueType.all, lines.dropFirst()) {
      let row = Array(Tables.atom14Names[type.index * 14..<(type.index + 1) * 14])
      #expect(row == names + Array(repeating: "", count: 14 - names.count), "\(type.threeLetter)")
      #expect(Tables.atomNames(of: type) == names)
    }
  }

  @Test func orderOfTheAminoAcids() {
    // The names of the enum cases, so that neither letters nor tables can change along with them.
    #expect(
      AminoAcid.allCases.map { "\($0)" } == [
        "alanine", "arginine", "asparagine", "asparticAcid", "cysteine", "glutamine", "glutamicAcid", "glycine",
        "histidine", "isoleucine", "leucine", "lysine", "methionine", "phenylalanine", "proline", "serine",
        "threonine", "tryptophan", "tyrosine", "valine",
      ])
    #expect(ResidueType.all.map(\.index) == Array(0..<21) && ResidueType.count == 21)
    #expect(ResidueType.all.map(\.aminoAcid) == AminoAcid.allCases.map { $0 } + [nil])
    #expect(ResidueType(.glycine).index == 7 && ResidueType(index: 20) == .unknown)
  }
}
