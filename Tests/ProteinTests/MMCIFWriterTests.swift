// mmCIF output: whole files that independent readers have read (Scripts/check-mmcif), chains, entities and numbers, and
// what cannot be written.

import FoundationEssentials
import Protein
import TestSupport
import Testing

struct MMCIFWriterTests {
  private static let subject = "it's a \"complex\"; # \u{e9} data_ 'x\u{1b}[31m"

  private static var complex: [UInt8] {
    get throws {
      try MMCIFSamples.bytes(
        MMCIFSamples.structure(MMCIFSamples.complex),
        MMCIFSamples.description(
          name: "complex", subject: subject, model: "it's \"mine\"",
          scores: [.init("ipTM", type: "ipTM", 0.25, meaning: "pTM of the interfaces, 0-1")]), MMCIFSamples.errors(9))
    }
  }

  @Test("Every byte is that of the files that readers are tried with")
  func wholeFiles() throws {
    let files = [
      ("complex.cif", try Self.complex),
      ("many-chains.cif", try MMCIFSamples.bytes(MMCIFSamples.structure(MMCIFSamples.many(64)))),
    ]
    for (name, bytes) in files {
      let expected = try ProteinFixture.bytes(name)
      let lines = bytes.split(separator: UInt8(ascii: "\n")), others = expected.split(separator: UInt8(ascii: "\n"))
      for (line, other) in zip(lines, others) where line != other {
        Issue.record(
          "\(name): \(String(decoding: line, as: UTF8.self)), expected \(String(decoding: other, as: UTF8.self))")
        break
      }
      let isSame = bytes == expected
      #expect(isSame, "\(name)")
    }
  }

  @Test("Chains of the same sequence are one entity; numbers are counted and given") func entities() throws {
    let bytes = try Self.complex
    #expect(
      MMCIFSamples.rows(of: "entity_poly", in: bytes) == [
        "1 polypeptide(L) no no A,B G(UNK)AS GXAS", "2 polypeptide(L) no no AA W W",
      ])
    #expect(MMCIFSamples.rows(of: "struct_asym", in: bytes) == ["A 1 N ?", "B 1 N ?", "AA 2 N ?"])
    #expect(
      MMCIFSamples.rows(of: "pdbx_poly_seq_scheme", in: bytes) == [
        "A 1 1 GLY 1 1 1 GLY GLY A . n", "A 1 2 UNK 2 2 ? ? ? A . n", "A 1 3 ALA 3 3 3 ALA ALA A . n",
        "A 1 4 SER 4 4 4 SER SER A . n", "B 1 1 GLY 1 11 11 GLY GLY B . n", "B 1 2 UNK 2 12 ? ? ? B . n",
        "B 1 3 ALA 3 13 13 ALA ALA B . n", "B 1 4 SER 4 14 14 SER SER B . n", "AA 2 1 TRP 1 1 1 TRP TRP AA . n",
      ])
    let atoms = MMCIFSamples.rows(of: "atom_site", in: bytes)
    #expect(atoms.count == 2 * (4 + 5 + 6) + 14)
    // The third residue of B, number 13, is the seventh of the structure: its coordinates begin at 6 · 42, its B-factors at
    // 6 · 37 of the made-up numbers.
    #expect(atoms[19] == "ATOM 20 N N . ALA B 1 3 ? 11.500 11.625 11.750 1.00 55.50 ? 13 ALA B N 1")
    #expect(atoms.last?.hasSuffix(" 1 TRP AA CZ3 1") == true)
    #expect(
      MMCIFSamples.rows(of: "ma_qa_metric_local", in: bytes) == [
        "1 1 A 1 GLY 2 0.25", "2 1 A 3 ALA 2 18.75", "3 1 A 4 SER 2 28.00", "4 1 B 1 GLY 2 37.25",
        "5 1 B 3 ALA 2 55.75", "6 1 B 4 SER 2 65.00", "7 1 AA 1 TRP 2 74.25",
      ])
    let pairs = MMCIFSamples.rows(of: "ma_qa_metric_local_pairwise", in: bytes)
    #expect(pairs.count == 49)
    // Row 3, column 5 of [9, 9]: aligned on the serine of A, scored on the glycine of B.
    #expect(pairs.contains("18 1 A 4 SER B 1 GLY 5 11.62"))
    #expect(MMCIFSamples.rows(of: "ma_qa_metric_global", in: bytes) == ["1 1 1 71.12", "2 1 3 0.5000", "3 1 4 0.2500"])
  }

  @Test("Numbers have the digits of PDB files") func digits() throws {
    for row in try ProteinFixture.lines("numbers.tsv") {
      let fields = row.split(separator: "\t").map(String.init)
      let value = Float(bitPattern: try #require(UInt32(fields[0], radix: 16)))
      for (column, decimals) in [(1, 3), (2, 2)] where fields[column] != "-" {
        var digits: [UInt8] = []
        let isWritten = digits.append(decimal: value, decimals)
        #expect(isWritten)
        let expected = String(fields[column].drop { $0 == " " })
        // A column without room for all decimals shows fewer.
        guard expected.split(separator: ".").last?.count == decimals, expected.contains(".") else { continue }
        #expect(String(decoding: digits, as: UTF8.self) == expected, "\(value)")
      }
    }
    let structure = MMCIFSamples.structure([("A", "ACDEFGHIKLMNPQRSTVWY", 1)])
    let atoms = try PDBReader(PDBWriter.bytes(of: structure)).atoms
    let rows = MMCIFSamples.rows(of: "atom_site", in: try MMCIFSamples.bytes(structure))
    #expect(rows.count == atoms.count)
    for (row, atom) in zip(rows, atoms) {
      let words = row.split(separator: " ")
      #expect(words[3] == atom.name && words[18] == "A" && words[16] == "\(atom.residueNumber)")
      #expect([10, 11, 12].map { Double(words[$0]) } == (0..<3).map { atom.position[$0] })
      #expect(Double(words[14]) == atom.bFactor)
    }
  }

  @Test(
    "Decimal numbers as JSON and mmCIF have them",
    arguments: [
      (0, 1, "0.0", "0.0"), (0.25, 1, "0.2", "0.2"), (0.75, 1, "0.8", "0.8"), (31.75, 2, "31.75", "31.75"),
      (9.96, 1, "10.0", "10.0"), (12.5, 2, "12.50", "12.5"), (100, 3, "100.000", "100.0"), (0.05, 2, "0.05", "0.05"),
      (-0.0004, 3, "-0.000", "-0.0"), (0.12344, 4, "0.1234", "0.1234"), (999_999_936, 1, "999999936.0", "999999936.0"),
    ] as [(Float, Int, String, String)])
  func decimals(_ value: Float, _ decimals: Int, _ whole: String, _ short: String) {
    for (dropsZeros, expected) in [(false, whole), (true, short)] {
      var digits: [UInt8] = []
      let isWritten = digits.append(decimal: value, decimals, dropsZeros: dropsZeros)
      #expect(isWritten)
      #expect(String(decoding: digits, as: UTF8.self) == expected)
    }
  }

  @Test(arguments: [0, 7, -7, 10, 99, 100, Int.max, Int.min]) func integers(_ value: Int) {
    var digits: [UInt8] = []
    digits.append(integer: value)
    #expect(String(decoding: digits, as: UTF8.self) == "\(value)")
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, 1e9, .greatestFiniteMagnitude])
  func numbersThatCannotBeWrittenAreErrors(_ value: Float) throws {
    func structure(_ coordinate: Float, _ bFactor: Float) -> Structure {
      Structure(
        positions14: Array(repeating: coordinate, count: 42), plddt: Array(repeating: bFactor, count: 37),
        residueTypes: [ResidueType(letter: UInt8(ascii: "G"))], residueNumbers: [12])
    }
    let errors = AlignedErrors([value], count: 1), fine = structure(0, 0)
    let score = MMCIFSamples.description(scores: [.init("x", type: "other", value, meaning: "")])
    let cases: [(Structure, ModelDescription, AlignedErrors?, String)] = [
      (structure(value, 0), MMCIFSamples.description(), nil, "chain A, residue 12 (GLY), atom N: coordinate: "),
      (structure(0, value), MMCIFSamples.description(), nil, "chain A, residue 12 (GLY), atom N: B-factor: "),
      (fine, score, nil, "x: "),
      (fine, MMCIFSamples.description(), errors, "predicted aligned error of residue 1 on 1: "),
    ]
    for (structure, description, errors, place) in cases {
      let error = #expect(throws: MMCIFError.self) { try MMCIFSamples.bytes(structure, description, errors) }
      #expect(error?.description.hasPrefix("\(place)found \(value), expected a finite number below 1e9\n") == true)
    }
  }

  @Test(
    "Chains without a usable name, or in pieces, are errors",
    arguments: [
      ([("", "G", 1)], MMCIFError.chainID("")), ([("A B", "G", 1)], .chainID("A B")),
      ([("\u{e9}", "G", 1)], .chainID("\u{e9}")),
      ([("A", "G", 1), ("B", "G", 1), ("A", "G", 2)], .dividedChain("A")),
    ])
  func chainNames(_ chains: [MMCIFSamples.Chain], _ expected: MMCIFError) {
    #expect(throws: expected) { try MMCIFSamples.bytes(MMCIFSamples.structure(chains)) }
    #expect(!expected.description.isEmpty)
  }

  @Test("Names of chains that mean something to CIF are quoted") func quotedChains() throws {
    let bytes = try MMCIFSamples.bytes(MMCIFSamples.structure([("_", "G", 1), ("?", "A", 1)]))
    #expect(MMCIFSamples.rows(of: "struct_asym", in: bytes) == ["'_' 1 N ?", "'?' 2 N ?"])
    #expect(MMCIFSamples.rows(of: "atom_site", in: bytes)[0].hasSuffix(" 1 GLY '_' N 1"))
  }

  @Test("Long sequences are on lines of 80, and a long header makes no long description") func longTexts() throws {
    let sequence = String(repeating: "MKTVRQERLK", count: 16) + "XG", subject = String(repeating: "word ", count: 1000)
    let bytes = try MMCIFSamples.bytes(
      MMCIFSamples.structure([("A", sequence, 1)]), MMCIFSamples.description(subject: subject))
    let text = String(decoding: bytes, as: UTF8.self), line = sequence.prefix(80)
    #expect(
      text.contains(
        "\n1 polypeptide(L) no no A\n;\(line)\n\(line)\n(UNK)G\n;\n;\(line)\n\(line)\nXG\n;\n#\n"))
    #expect(text.contains("\n1 polymer man '\(subject.prefix(255))' 1\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= 2048 })
    let joined = text.replacing("\n", with: "")
    #expect(joined.contains(";ESMFOLD PREDICTION FOR \(subject);"))
  }

  @Test("A structure without atoms has its sequence, and no empty tables") func noAtoms() throws {
    let unknown = Structure(
      positions14: Array(repeating: 0, count: 84), plddt: Array(repeating: 0, count: 74),
      residueTypes: [.unknown, .unknown])
    let description = ModelDescription(
      name: "x", subject: "", program: ("esmfold", "0"), parameters: [], meanPLDDT: nil, scores: [])
    let text = String(
      decoding: try MMCIFSamples.bytes(unknown, description, MMCIFSamples.errors(2)), as: UTF8.self)
    #expect(text.contains("_entity_poly.pdbx_seq_one_letter_code_can\n1 polypeptide(L) no no A (UNK)(UNK) XX\n"))
    for category in ["atom_site", "ma_qa_metric_local", "ma_qa_metric_global", "ma_qa_metric_local_pairwise"] {
      #expect(!text.contains("_\(category)."))
    }
    // A loop without a row is not CIF.
    #expect(!text.contains(/\n_[^\n ]*\n#/))
  }

  @Test("Files are written in pieces, and what fails to be written is passed on") func pieces() throws {
    let structure = MMCIFSamples.structure([("A", String(repeating: "W", count: 900), 1)])
    let pieces = try MMCIFSamples.pieces(structure, MMCIFSamples.description(), MMCIFSamples.errors(900))
    let size = pieces.reduce(0) { $0 + $1.count }
    #expect(size > 20_000_000 && pieces.count > 300)
    #expect(pieces.allSatisfy { $0.count < TextPieces.pieceSize + 4096 })
    struct Full: Error {}
    var count = 0
    #expect(throws: Full.self) {
      try MMCIFWriter.write(structure, MMCIFSamples.description()) { _ in
        count += 1
        if count == 2 { throw Full() }
      }
    }
    #expect(count == 2)
  }
}
