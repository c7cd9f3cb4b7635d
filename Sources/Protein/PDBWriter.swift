// PDB files (format 3.3: ATOM, TER, END), written byte by byte into fixed columns.

/// Writes structures as PDB files.
///
/// ATOM and TER lines are those of the reference (transformers, `openfold_utils/protein.py`) byte for byte as long as
/// every number fits its columns. They differ where the reference's lines would lose their columns, and as follows:
/// - no `PARENT N/A` line, which is not a record of the format, and END has 80 columns (Biopython warns about `END`);
/// - coordinates and B-factors too wide for their columns lose decimals instead of shifting the line; a value that is
///   still too wide, or is not finite, is an error;
/// - serials above 99,999 and residue numbers above 9,999 are hybrid-36 (`A0000`, `A000`), as cctbx and gemmi
///   read them, which Biopython does not;
/// - a chain of X alone has no atoms and so no TER (the reference fails).
///
/// As in the reference: numbers are rounded as C's printf does (to nearest, ties to even, of the float32's exact value),
/// so small negative ones show as `-0.000`; X residues are not written but keep their numbers; TER has its own serial
/// and names the chain's last residue, and its line ends there. All other lines have 80 columns.
package enum PDBWriter {
  static let coordinateWidth = 8
  static let bFactorWidth = 6
  static let largestSerial = hybrid36Limit(width: 5)
  /// The numbers of residues that four columns hold.
  package static let residueNumbers = -999...hybrid36Limit(width: 4)
  /// The same for messages.
  package static let expectedNumbers = "\(residueNumbers.lowerBound) to \(residueNumbers.upperBound)"
  /// Columns of a line, of text in a REMARK line, and of text in a TITLE line.
  private static let lineWidth = 80, remarkWidth = 69, titleWidth = 70
  /// TITLE lines are numbered with two digits.
  private static let largestTitleLine = 99

  /// The file as bytes.
  ///
  /// - Parameters:
  ///   - structure: Atoms in Å; each chain's residues next to each other.
  ///   - title: For HEADER, by which some readers recognise the format, and TITLE; `nil` for neither. What 99 lines cannot
  ///     hold is left out.
  ///   - remarks: Lines of free text after the title, as `REMARK   6`. Anything but printable ASCII becomes `?`, here
  ///     and in the title.
  /// - Returns: The lines, each ended by LF.
  /// - Throws: `PDBError` when a number or a chain name does not fit into its columns; nothing is then written.
  package static func bytes(
    of structure: Structure, title: String? = nil, remarks: [String] = []
  ) throws(PDBError) -> [UInt8] {
    var output: [UInt8] = []
    let atomCount = structure.atomExists.reduce(0) { $0 + ($1 ? 1 : 0) }
    output.reserveCapacity((atomCount + 4) * 81)
    if let title { appendTitle(title, to: &output) }
    appendRemarks(remarks, to: &output)

    var serial = 0
    var chainHasAtoms = false
    let types = ResidueConstants.atom37Count
    for residue in structure.residueTypes.indices {
      let label = try ResidueLabel(structure, residue)
      for atom in residue * types..<(residue + 1) * types where structure.atomExists[atom] {
        serial += 1
        chainHasAtoms = true
        try appendAtom(atom, of: structure, label, serial: serial, to: &output)
      }
      let next = residue + 1
      let isLast = next == structure.residueTypes.count || structure.chainIDs[next] != structure.chainIDs[residue]
      guard isLast && chainHasAtoms else { continue }
      serial += 1
      chainHasAtoms = false
      output += "TER   ".utf8
      try appendSerial(serial, to: &output)
      output += "     ".utf8
      output += label.columns
      output.append(.lineFeed)
    }
    output += "END".utf8
    output += Array(repeating: .space, count: 77) + [.lineFeed]
    return output
  }

  /// Columns 17 to 26 of a residue's lines: name, chain, number.
  private struct ResidueLabel {
    let columns: [UInt8]

    init(_ structure: Structure, _ residue: Int) throws(PDBError) {
      let chain = structure.chainIDs[residue]
      let number = structure.residueNumbers[residue]
      guard chain.utf8.count == 1, let letter = chain.utf8.first, (0x21...0x7E).contains(letter) else {
        throw .chainID(chain)
      }
      guard let digits = hybrid36(number, width: 4) else { throw .residueNumber(number, chain: chain) }
      columns = [.space] + Array(structure.residueTypes[residue].threeLetter.utf8) + [.space, letter] + digits
    }
  }

  private static func appendAtom(
    _ atom: Int, of structure: Structure, _ label: ResidueLabel, serial: Int, to output: inout [UInt8]
  ) throws(PDBError) {
    let name = ResidueConstants.atomTypes[atom % ResidueConstants.atom37Count].utf8
    output += "ATOM  ".utf8
    try appendSerial(serial, to: &output)
    output += [.space, .space]
    output += name  // Three columns are enough for every name of the atom37 layout.
    for _ in name.count..<3 { output.append(.space) }
    output += label.columns
    output += "    ".utf8
    for axis in 0..<3 {
      let value = structure.positions[atom * 3 + axis]
      guard appendFixed(value, width: coordinateWidth, decimals: 3, to: &output) else {
        throw .value(value, .coordinate, place(of: atom, in: structure))
      }
    }
    output += "  1.00".utf8
    guard appendFixed(structure.bFactors[atom], width: bFactorWidth, decimals: 2, to: &output) else {
      throw .value(structure.bFactors[atom], .bFactor, place(of: atom, in: structure))
    }
    output += "           ".utf8
    output += name.prefix(1)  // Atoms of proteins are C, N, O and S: one letter.
    output += [.space, .space, .lineFeed]
  }

  private static func place(of atom: Int, in structure: Structure) -> PDBError.Atom {
    let (residue, type) = atom.quotientAndRemainder(dividingBy: ResidueConstants.atom37Count)
    return PDBError.Atom(
      name: ResidueConstants.atomTypes[type], residue: structure.residueTypes[residue].threeLetter,
      residueNumber: structure.residueNumbers[residue], chain: structure.chainIDs[residue])
  }

  private static func appendSerial(_ serial: Int, to output: inout [UInt8]) throws(PDBError) {
    guard let digits = hybrid36(serial, width: 5) else { throw .tooManyAtoms }
    output += digits
  }

  private static func appendTitle(_ title: String, to output: inout [UInt8]) {
    // Neither date nor identifier: the same fold gives the same bytes.
    appendLine(Array("HEADER    PREDICTED STRUCTURE".utf8), to: &output)
    var rest = plain(title)[...]
    for number in 1...largestTitleLine where number == 1 || !rest.isEmpty {
      let line = titleLine(of: rest)
      let start = number == 1 ? "TITLE     " : number < 10 ? "TITLE    \(number)" : "TITLE   \(number)"
      appendLine(Array(start.utf8) + line, to: &output)
      rest = rest[line.endIndex...]
    }
  }

  /// What goes into the next line of a title.
  ///
  /// Readers drop the blanks at the end of a line and append the next one from column 11 on. So a line ends before
  /// blanks, with which the next one begins, and where a single word fills more than a line, the next one goes on with it
  /// at once: a blank there would become part of the word.
  private static func titleLine(of text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    if text.count <= titleWidth { return text }
    guard let blank = text.prefix(titleWidth + 1).lastIndex(of: .space),
      let end = text[..<blank].lastIndex(where: { $0 != .space })
    else { return text.prefix(titleWidth) }
    return text[...end]
  }

  private static func appendRemarks(_ remarks: [String], to output: inout [UInt8]) {
    if remarks.isEmpty { return }
    appendLine(Array("REMARK   6".utf8), to: &output)  // The format requires the first line of a remark to be empty.
    for remark in remarks {
      var rest = plain(remark)[...]
      repeat {
        appendLine(Array("REMARK   6 ".utf8) + rest.prefix(remarkWidth), to: &output)
        rest = rest.dropFirst(remarkWidth)
      } while !rest.isEmpty
    }
  }

  private static func plain(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? UInt8($0.value) : UInt8(ascii: "?") }
  }

  private static func appendLine(_ text: [UInt8], to output: inout [UInt8]) {
    output += text
    for _ in text.count..<max(text.count, lineWidth) { output.append(.space) }
    output.append(.lineFeed)
  }
}
