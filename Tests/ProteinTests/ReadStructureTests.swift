// Structures read back: residues of PDB and mmCIF files, and the gaps of those that have no atoms.

import Protein
import Testing

@Suite struct ReadStructureTests {
  private static func line(
    _ number: String, _ plddt: String = " 92.40", name: String = " CA ", code: String = "ALA", chain: String = "A"
  ) -> String {
    "ATOM      1 \(name) \(code) \(chain)\(number)       1.000  -2.000   3.000  1.00\(plddt)           C  \n"
  }

  private func pdb(_ text: String) throws -> [ListedResidue] { try PDBResidues.list(Array(text.utf8)) }

  @Test func residuesOfAPDBFile() throws {
    let text =
      "HEADER    X\nREMARK   6 ATOM CA\n" + Self.line("   1", name: " N  ", code: "MET") + Self.line("   1", " 50.01")
      + Self.line("  -5", "100.00", code: "TRP", chain: "b") + Self.line("9999", "  0.00", code: "SEC", chain: "b")
      + ["A000", "ZZZZ", "a000"].map { Self.line($0, code: "GLY", chain: "b") }.joined() + "TER\nENDMDL\n"
      + Self.line("   7")
    let found = try pdb(text)
    #expect(found.map(\.chain) == ["A", "b", "b", "b", "b", "b"])
    // cctbx's hybrid_36: A000 is 10000, ZZZZ 1223055, a000 the next.
    #expect(found.map(\.number) == [1, -5, 9999, 10_000, 1_223_055, 1_223_056])
    #expect(found.map { $0.type.threeLetter } == ["ALA", "TRP", "UNK", "GLY", "GLY", "GLY"])
    #expect(found.map(\.plddt) == [50.01, 100, 0, 92.4, 92.4, 92.4])
  }

  @Test(
    "What is no structure is an error that says where",
    arguments: [
      ("", "residues: found none, expected at least one with an alpha carbon"),
      ("ATOM\n", "residues: found none, expected at least one with an alpha carbon"),
      (line(" 1a "), "line 1: residue number: found \"1a\", expected a whole number"),
      (line("Ab00"), "line 1: residue number: found \"Ab00\", expected a whole number"),
      (line("   1") + line("   2", "   nan"), "line 2: B-factor: found \"nan\", expected a number"),
      (line("   1", "      "), "line 1: B-factor: found \"\", expected a number"),
    ])
  func faultyPDB(_ text: String, _ message: String) {
    do {
      _ = try pdb(text)
      Issue.record("nothing was thrown")
    } catch {
      #expect("\(error)" == message)
    }
  }

  private static let cif = """
    data_x
    #
    loop_
    _pdbx_poly_seq_scheme.asym_id
    _pdbx_poly_seq_scheme.seq_id
    _pdbx_poly_seq_scheme.mon_id
    _pdbx_poly_seq_scheme.pdb_seq_num
    _pdbx_poly_seq_scheme.pdb_strand_id
    A 1 MET 11 A
    A 2 UNK 12 A
    AA 1 'TRP' 1 "B"
    #
    _struct.title
    ;_ma_qa_metric_local.metric_value
    loop_
    _ma_qa_metric_local.label_asym_id
    _ma_qa_metric_local.label_seq_id
    _ma_qa_metric_local.metric_value
    A 2 77.0
    ;
    #
    loop_
    _atom_site.id
    1
    #
    loop_
    _ma_qa_metric_local.label_asym_id
    _ma_qa_metric_local.label_seq_id
    _ma_qa_metric_local.metric_value
    A 1 50.5
    AA 1 91.25

    """

  @Test func residuesOfAnMMCIFFile() throws {
    let found = try MMCIFResidues.list(Array(Self.cif.utf8))
    #expect(
      found == [
        ListedResidue(chain: "A", number: 11, type: ResidueType(letter: UInt8(ascii: "M")), plddt: 50.5),
        ListedResidue(chain: "A", number: 12, type: .unknown, plddt: nil),
        ListedResidue(chain: "B", number: 1, type: ResidueType(letter: UInt8(ascii: "W")), plddt: 91.25),
      ])
  }

  @Test(
    "Faulty tables",
    arguments: [
      ("A 2 UNK 12 A", "A 2 UNK 12", "line 10: pdbx_poly_seq_scheme: found the end of the table within a row"),
      ("A 2 UNK 12 A", "A 2 UNK 1.5 A", "line 10: pdb_seq_num: found \"1.5\", expected a whole number"),
      ("A 1 50.5", "A 1 inf", "line 30: metric_value: found \"inf\", expected a number"),
      ("A 1 50.5", ";\nA 1 50.5\n;", "line 30: ma_qa_metric_local: found the end of the table within a row"),
      ("scheme.mon_id", "scheme.mon", "line 9: pdbx_poly_seq_scheme: found \"asym_id seq_id mon"),
    ])
  func faultyMMCIF(_ text: String, _ replacement: String, _ message: String) {
    do {
      _ = try MMCIFResidues.list(Array(Self.cif.replacing(text, with: replacement).utf8))
      Issue.record("nothing was thrown")
    } catch {
      #expect("\(error)".hasPrefix(message), "\(error)")
    }
  }

  @Test func everyCutOfAFileIsReadOrRefused() {
    let bytes = Array(Self.cif.utf8), pdb = Array((Self.line("   1") + Self.line("   2")).utf8)
    for count in 0...bytes.count { _ = try? MMCIFResidues.list(Array(bytes[..<count])) }
    for count in 0...pdb.count { _ = try? PDBResidues.list(Array(pdb[..<count])) }
  }

  private func residues(_ text: String) -> [ListedResidue] {
    text.split(separator: " ").map { word in
      let chain = String(word.prefix(1))
      return ListedResidue(chain: chain, number: Int(word.dropFirst()) ?? 0, type: .unknown, plddt: 1)
    }
  }

  @Test(
    "Residues without atoms are put into the gaps of the numbers, if nothing else can be meant",
    arguments: [
      ("A1 A2 A3", 3, "A1 A2 A3"),
      ("A1 A4", 4, "A1 A2 A3 A4"),
      ("A3 A4", 4, "A1 A2 A3 A4"),
      ("A1 A2", 4, "A1 A2 A3 A4"),
      ("A2 B2", 4, "A1 A2 B1 B2"),
      ("A1 B1", 3, nil),
      ("A1 A9", 5, nil),
      ("A0 A1", 3, nil),
      ("A2 A1", 3, nil),
      ("A1 A2 A3", 2, nil),
    ] as [(String, Int, String?)])
  func filling(_ found: String, _ length: Int, _ expected: String?) {
    let filled = residues(found).filled(to: length)
    #expect(filled.map { $0.map { "\($0.chain)\($0.number)" }.joined(separator: " ") } == expected)
  }

  @Test func numbersAtTheEndOfTheIntegersAreNoTrap() {
    let last = ListedResidue(chain: "A", number: Int.max, type: .unknown, plddt: 1)
    #expect([last].filled(to: 2) == nil)
    #expect([last, last].filled(to: 3) == nil)
  }
}
