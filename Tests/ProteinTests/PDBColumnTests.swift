// The columns of the PDB format at their limits, according to the format's specification (version 3.3) and C's printf.

import Foundation
import Protein
import TestSupport
import Testing

struct PDBColumnTests {
  /// Glycines with a value for each of the atoms N, CA, C and O.
  private func structure(
    _ sequence: String = "G", coordinates: [Float] = [1, 2, 3], bFactor: Float = 50, numbers: [Int]? = nil,
    chains: [String]? = nil
  ) -> Structure {
    let types = sequence.utf8.map(ResidueType.init(letter:))
    let atoms = (0..<types.count * 14).flatMap { _ in coordinates }
    return Structure(
      positions14: atoms, plddt: Array(repeating: bFactor, count: types.count * 37), residueTypes: types,
      residueNumbers: numbers, chainIDs: chains)
  }

  private func lines(_ structure: Structure) throws -> [String] {
    String(decoding: try PDBWriter.bytes(of: structure), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// The whole line, character by character.
  @Test func aLine() throws {
    let found = try lines(
      structure("WG", coordinates: [-999.999, 9999.999, -0.0004], bFactor: 100, numbers: [-999, 9999]))
    #expect(found[0] == "ATOM      1  N   TRP A-999    -999.9999999.999  -0.000  1.00100.00           N  ")
    #expect(found[13] == "ATOM     14  CZ3 TRP A-999    -999.9999999.999  -0.000  1.00100.00           C  ")
    #expect(found[17] == "ATOM     18  O   GLY A9999    -999.9999999.999  -0.000  1.00100.00           O  ")
    #expect(found[18] == "TER      19      GLY A9999")
    #expect(found[19] == "END" + String(repeating: " ", count: 77) && found.count == 20)
  }

  @Test(
    arguments: [
      (0, "  0.00"), (-0.0, " -0.00"), (0.005, "  0.00"), (0.0051, "  0.01"), (0.015, "  0.01"), (99.995, "100.00"),
      (100, "100.00"), (999.99, "999.99"), (999.996, "1000.0"), (1000, "1000.0"), (9999.96, " 10000"),
      (99999.4, " 99999"), (99999.6, "100000"), (999_999, "999999"), (-9.996, "-10.00"), (-99.99, "-99.99"),
      (-99.996, "-100.0"), (-999.96, " -1000"), (-99999, "-99999"),
    ] as [(Float, String)])
  func bFactorsKeepTheirColumns(value: Float, shown: String) throws {
    let line = Array(try #require(lines(structure(bFactor: value)).first).utf8)
    #expect(String(decoding: line[60..<66], as: UTF8.self) == shown && line.count == 80)
  }

  /// Binary fractions, so that ties are exact, and random bits; each axis has a different value.
  @Test func coordinatesAreThoseOfPrintf() throws {
    let seed: UInt64 = 21
    var random = RandomNumbers(seed: seed)
    for round in 0..<3000 {
      let values = (0..<3).map { _ -> Float in
        switch round % 3 {
        case 0: Float(Int.random(in: -7_999_999...79_999_999, using: &random)) / 8000
        case 1: Float(Int.random(in: -16_000...160_000, using: &random)) / 16
        default: Float.random(in: -1...1, using: &random) * Float(1 << Int.random(in: 0...9, using: &random))
        }
      }
      let shown = values.map { String(format: "%8.3f", Double($0)) }
      guard shown.allSatisfy({ $0.utf8.count == 8 }) else { continue }
      let line = Array(try lines(structure(coordinates: values))[0].utf8)
      let found = String(decoding: line[30..<54], as: UTF8.self)
      if found != shown.joined() {
        Issue.record("seed \(seed), round \(round): \(values): found \(found), expected \(shown)")
        return
      }
    }
  }

  @Test func everyPrintableCharacterIsAChain() throws {
    for byte in UInt8(0)...127 {
      let name = String(UnicodeScalar(byte)), structure = structure("GG", chains: [name, name])
      guard byte > 0x20, byte < 0x7F else {
        #expect(throws: PDBError.chainID(name)) { try PDBWriter.bytes(of: structure) }
        continue
      }
      let found = try lines(structure)
      #expect(found.count == 10)
      for line in found.dropLast() { #expect(Array(line.utf8)[21] == byte) }
    }
  }

  /// A chain of X has no atoms, so no TER, and does not end the chain before it twice.
  @Test func chainsWithoutAtoms() throws {
    let found = try lines(
      structure("GXXGX", numbers: [1, 2, 7, 1, 2], chains: ["A", "A", "B", "C", "C"]))
    #expect(
      found.map { String($0.prefix(26)) } == [
        "ATOM      1  N   GLY A   1", "ATOM      2  CA  GLY A   1", "ATOM      3  C   GLY A   1",
        "ATOM      4  O   GLY A   1", "TER       5      UNK A   2", "ATOM      6  N   GLY C   1",
        "ATOM      7  CA  GLY C   1", "ATOM      8  C   GLY C   1", "ATOM      9  O   GLY C   1",
        "TER      10      UNK C   2", "END" + String(repeating: " ", count: 23),
      ])
  }

  /// A message names the faulty atom, for any axis, atom and residue.
  @Test(arguments: [(0, 0, 0), (0, 3, 2), (1, 4, 1), (2, 6, 0), (2, 1, 2)])
  func theWrongAtomIsNamed(residue: Int, slot: Int, axis: Int) throws {
    let types = "GAV".utf8.map(ResidueType.init(letter:))
    let names = [["N", "CA", "C", "O"], ["N", "CA", "C", "O", "CB"], ["N", "CA", "C", "O", "CB", "CG1", "CG2"]]
    var positions = [Float](repeating: 1, count: 3 * 14 * 3)
    positions[(residue * 14 + slot) * 3 + axis] = .nan
    let structure = Structure(
      positions14: positions, plddt: Array(repeating: 1, count: 3 * 37), residueTypes: types,
      residueNumbers: [5, 6, 9], chainIDs: ["A", "A", "Z"])
    let place = "chain \(["A", "A", "Z"][residue]), residue \([5, 6, 9][residue]) (\(["GLY", "ALA", "VAL"][residue])), "
    do {
      _ = try PDBWriter.bytes(of: structure)
      Issue.record("NaN was written")
    } catch {
      let expected = """
        \(place)atom \(names[residue][slot]): coordinate: found nan, expected a finite number of at most 8 characters
        hint: the model's output is not usable; check its weights
        """
      #expect(error.description == expected)
    }
  }

  @Test func messages() throws {
    #expect(
      PDBError.tooManyAtoms.description == "PDB file: atoms: found more than 87440031, expected at most that many")
    #expect(
      PDBError.residueNumber(-1000, chain: "B").description
        == "chain B: residue number: found -1000, expected -999 to 2436111")
    #expect(
      PDBError.chainID("AB").description == "chain: name: found \"AB\", expected a single printable ASCII character")
    do {
      _ = try PDBWriter.bytes(of: structure(bFactor: 1_000_000))
      Issue.record("a B-factor of seven digits was written")
    } catch {
      #expect(
        error.description.hasPrefix(
          "chain A, residue 1 (GLY), atom N: B-factor: found 1000000.0, expected a finite number of at most 6 characters"
        ))
    }
  }

  /// Exactly 69 columns of text, and the first and last printable characters.
  @Test func remarksAtTheirLimits() throws {
    let remarks = [String(repeating: "a", count: 69), String(repeating: "b", count: 138), " ~\u{7F}\u{1F}\tÄ"]
    let text = String(decoding: try PDBWriter.bytes(of: structure(""), remarks: remarks), as: UTF8.self)
    let b = String(repeating: "b", count: 69)
    #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count == 80 })
    #expect(
      text.split(separator: "\n").dropLast().map { String($0.reversed().drop { $0 == " " }.reversed()) } == [
        "REMARK   6", "REMARK   6 \(String(repeating: "a", count: 69))", "REMARK   6 \(b)", "REMARK   6 \(b)",
        "REMARK   6  ~????",
      ])
  }

  private func titleLines(_ title: String) throws -> [String] {
    let text = String(decoding: try PDBWriter.bytes(of: structure(""), title: title), as: UTF8.self)
    let all = text.split(separator: "\n").map(String.init)
    #expect(all.first == "HEADER    PREDICTED STRUCTURE".padding(toLength: 80, withPad: " ", startingAt: 0))
    #expect(all.allSatisfy { $0.utf8.count == 80 })
    return Array(all.dropFirst().dropLast())
  }

  /// A line ends before blanks, and a word longer than a line goes on in column 11 of the next one.
  @Test(
    arguments: [
      ("", [""]), ("a  b", ["a  b"]), (String(repeating: "x", count: 70), [String(repeating: "x", count: 70)]),
      (String(repeating: "x", count: 71), [String(repeating: "x", count: 70), "x"]),
      ("a " + String(repeating: "x", count: 68), ["a " + String(repeating: "x", count: 68)]),
      ("a " + String(repeating: "x", count: 68) + " y", ["a " + String(repeating: "x", count: 68), " y"]),
      ("a   " + String(repeating: "x", count: 67), ["a", "   " + String(repeating: "x", count: 67)]),
      (
        String(repeating: "x", count: 70) + "  " + String(repeating: "y", count: 69),
        [String(repeating: "x", count: 70), "  " + String(repeating: "y", count: 68), "y"]
      ),
      (
        " " + String(repeating: "x", count: 150) + " é\t.",
        [" " + String(repeating: "x", count: 69), String(repeating: "x", count: 70), "xxxxxxxxxxx ??."]
      ),
    ] as [(String, [String])])
  func titlesBreakAtBlanks(title: String, shown: [String]) throws {
    let found = try titleLines(title)
    let expected = shown.enumerated().map { index, text in
      (index == 0 ? "TITLE     " : "TITLE    \(index + 1)") + text + String(repeating: " ", count: 70 - text.utf8.count)
    }
    #expect(found == expected)
  }

  /// As gemmi reads: the lines from column 11 on, without the blanks at their ends, are the title.
  @Test func titlesAreReadBackAsTheyWere() throws {
    let seed: UInt64 = 33
    var random = RandomNumbers(seed: seed)
    for round in 0..<300 {
      let title =
        "w"
        + (0..<Int.random(in: 0...100, using: &random)).map { _ in
          String(repeating: " ", count: Int.random(in: 0...3, using: &random))
            + String(repeating: "w", count: Int.random(in: 1...(round % 2 == 0 ? 9 : 90), using: &random))
        }.joined()
      let found = try titleLines(title)
      for (index, line) in found.enumerated() {
        let number = index == 0 ? "    " : String(format: "%4d", index + 1)
        #expect(line.hasPrefix("TITLE " + number), "seed \(seed), round \(round)")
      }
      let texts = found.map { line -> String in
        String(line.dropFirst(10).reversed().drop { $0 == " " }.reversed())
      }
      #expect(texts.joined() == (found.count == 99 ? String(title.prefix(texts.joined().count)) : title))
      #expect(found.count <= 99)
    }
    #expect(try titleLines(String(repeating: "x", count: 7000)).count == 99)
  }
}
