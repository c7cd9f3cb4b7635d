// Reads back the ATOM lines of PDB files strictly by columns: anything outside its column is an error.

/// Atoms of the first model of a PDB file.
package struct PDBReader: Sendable {
  /// One ATOM line.
  package struct Atom: Hashable, Sendable {
    package let serial: String
    package let name: String
    package let residueName: String
    package let chain: String
    package let residueNumber: Int
    /// Å.
    package let position: SIMD3<Double>
    package let occupancy: Double
    package let bFactor: Double
    package let element: String
  }

  /// A line that cannot be read.
  package struct Failure: Error, CustomStringConvertible {
    package let line: Int
    package let field: String
    package let found: String
    /// `line 3: x: "   1.2e4"`
    package var description: String { "line \(line): \(field): \"\(found)\"" }
  }

  /// All atoms, in file order.
  package let atoms: [Atom]

  /// One atom for each residue: its Cα.
  package var alphaCarbons: [Atom] { atoms.filter { $0.name == "CA" } }

  /// Reads a file's text.
  ///
  /// - Parameter bytes: The whole file.
  /// - Throws: `PDBReader.Failure` for an ATOM line that is too short or has anything but numbers in their columns.
  package init(_ bytes: some Sequence<UInt8>) throws(Failure) {
    var atoms: [Atom] = []
    let lines = Array(bytes).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if line.starts(with: "ENDMDL".utf8) { break }
      guard line.starts(with: "ATOM  ".utf8) else { continue }
      atoms.append(try Columns(line: index + 1, bytes: Array(line)).atom())
    }
    self.atoms = atoms
  }

  private struct Columns {
    let line: Int
    let bytes: [UInt8]

    func atom() throws(Failure) -> Atom {
      guard bytes.count >= 78 else {
        throw Failure(line: line, field: "line", found: String(decoding: bytes, as: UTF8.self))
      }
      return Atom(
        serial: text(7...11), name: text(13...16), residueName: text(18...20), chain: text(22...22),
        residueNumber: Int(try number("residue number", 23...26)),
        position: SIMD3(try number("x", 31...38), try number("y", 39...46), try number("z", 47...54)),
        occupancy: try number("occupancy", 55...60), bFactor: try number("B-factor", 61...66), element: text(77...78))
    }

    /// Columns counted from 1, as in the format's specification, without surrounding blanks.
    func text(_ columns: ClosedRange<Int>) -> String {
      let field = bytes[(columns.lowerBound - 1)..<columns.upperBound]
      let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") }
      let end = field.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? field.startIndex
      return String(decoding: field[..<end].drop(while: isBlank), as: UTF8.self)
    }

    func number(_ field: String, _ columns: ClosedRange<Int>) throws(Failure) -> Double {
      let found = text(columns)
      // Double reads "nan", "inf" and hexadecimal too; the format has only decimals.
      guard found.utf8.allSatisfy({ "+-.0123456789".utf8.contains($0) }), let value = Double(found) else {
        throw Failure(line: line, field: field, found: found)
      }
      return value
    }
  }
}
