// Files of structures: proteins as atoms, and small molecules.

enum StructureFormat {
  /// Where the sequences of the PDB's entries are.
  static let ofEntries =
    "the sequences of an entry of the PDB are at https://www.rcsb.org/fasta/entry/ID, in which ID is for example 1CRN"

  private static let noProtein = "it has no sequence of a protein"

  static func recognized(in lines: HeadLines) -> ForeignFormat? {
    guard let first = lines.first else { return nil }
    if isPDB(lines) {
      return ForeignFormat(
        name: "a PDB file", advice: "`pdb_tofasta FILE > FILE.fasta` (pdb-tools) makes FASTA of it; \(ofEntries)")
    }
    if isCIF(lines) {
      return .biopython("an mmCIF file", lines.contain("_entity_poly") ? "cif-seqres" : "cif-atom", or: ofEntries)
    }
    if first.hasPrefix("@<TRIPOS>") { return .without("a MOL2 file", noProtein) }
    if lines.all.prefix(12).contains(where: { $0.hasSuffix("V2000") || $0.hasSuffix("V3000") }) {
      return .without("an SDF or MOL file of small molecules", noProtein)
    }
    if isXYZ(lines) { return .without("a file of atoms (XYZ or GRO)", noProtein) }
    return nil
  }

  /// Records that stand at the beginning of PDB files; a record is as long as the columns of its name, six.
  private static let headings: Set<String> = [
    "HEADER", "TITLE", "COMPND", "SOURCE", "KEYWDS", "EXPDTA", "AUTHOR", "OBSLTE", "CAVEAT", "NUMMDL", "SPLIT",
    "MDLTYP",
  ]
  private static let numbered: Set<String> = [
    "REMARK", "MODEL", "SEQRES", "CRYST1", "ORIGX1", "SCALE1", "DBREF", "HELIX",
  ]

  private static func isPDB(_ lines: HeadLines) -> Bool {
    if let first = lines.filled.first {
      let name = String(first.prefix(6)).withoutBlanks, rest = String(first.dropFirst(6))
      if headings.contains(name), rest.hasPrefix("    ") { return true }
      if numbered.contains(name), rest.withoutBlanks.first?.isNumber == true { return true }
      if name == "PARENT", rest.hasPrefix(" N/A") || rest.hasPrefix("  N/A") { return true }
    }
    return lines.filled.contains(where: isAtom)
  }

  /// `ATOM` or `HETATM`, a number and three coordinates.
  private static func isAtom(_ line: String) -> Bool {
    guard line.hasPrefix("ATOM  ") || line.hasPrefix("HETATM") else { return false }
    let words = line.dropFirst(6).blankSeparated
    return words.first.flatMap { Int($0) } != nil
      && words.count { $0.contains(".") && $0.contains(where: \.isNumber) } >= 1
      || line.utf8.count { $0 == UInt8(ascii: ".") } >= 3
  }

  private static func isCIF(_ lines: HeadLines) -> Bool {
    let content = lines.withoutComments
    guard let first = content.first?.withoutBlanks.lowercased() else { return false }
    if first.hasPrefix("data_"), first.blankSeparated.count == 1 { return true }
    return (first == "loop_" || first.hasPrefix("_")) && content.contains { $0.hasPrefix("_") && $0.contains(".") }
  }

  /// A number of atoms, and lines of a name and coordinates.
  private static func isXYZ(_ lines: HeadLines) -> Bool {
    let content = lines.all
    guard content.count > 2 else { return false }
    let isCounted = content[0...1].contains { Int($0.withoutBlanks) != nil }
    let numbers = content[2].blankSeparated.dropFirst().count { Double($0) != nil && $0.contains(".") }
    return isCounted && numbers >= 3
  }
}
