// The residues of a PDB file: one for each alpha carbon, with the pLDDT of its column for B-factors.

/// Reads back what `PDBWriter` has written of the residues.
package enum PDBResidues {
  /// The residues of the first model, in the order of the file; those without atoms have no lines.
  ///
  /// - Parameter bytes: A whole file.
  /// - Returns: At least one residue.
  /// - Throws: `StructureTextError` when a field is no number, or there is no residue.
  package static func list(_ bytes: [UInt8]) throws(StructureTextError) -> [ListedResidue] {
    try bytes.withUnsafeBytes { bytes in Result { () throws(StructureTextError) in try list(bytes) } }.get()
  }

  private static func list(_ bytes: UnsafeRawBufferPointer) throws(StructureTextError) -> [ListedResidue] {
    var residues: [ListedResidue] = [], line = 0, start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: .lineFeed) ?? bytes.count
      line += 1
      let text = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      if text.starts(with: endOfModel) { break }
      if isAlphaCarbon(text) { residues.append(try residue(text, line)) }
      start = end + 1
    }
    guard !residues.isEmpty else { throw .noResidues }
    return residues
  }

  private static let endOfModel = Array("ENDMDL".utf8), atom = Array("ATOM  ".utf8), alphaCarbon = Array(" CA ".utf8)
  /// Columns of the format, from 0.
  private static let name = 12..<16, code = 17..<20, chain = 21, number = 22..<26, bFactor = 60..<66

  private static func isAlphaCarbon(_ text: UnsafeRawBufferPointer) -> Bool {
    text.count >= bFactor.upperBound && text.starts(with: atom) && text[name].elementsEqual(alphaCarbon)
  }

  private static func residue(
    _ text: UnsafeRawBufferPointer, _ line: Int
  ) throws(StructureTextError) -> ListedResidue {
    guard let number = hybrid36(text[number]) else {
      throw .field(line: line, what: "residue number", found: words(text[number]), expected: "a whole number")
    }
    guard let plddt = Float(words(text[bFactor])), plddt.isFinite else {
      throw .field(line: line, what: "B-factor", found: words(text[bFactor]), expected: "a number")
    }
    return ListedResidue(
      chain: String(decoding: [text[chain]], as: UTF8.self), number: number,
      type: ResidueType(threeLetter: words(text[code])), plddt: plddt)
  }

  private static func words(_ field: Slice<UnsafeRawBufferPointer>) -> String {
    let text = field.drop { $0 == .space }
    return String(decoding: text.prefix { $0 != .space }, as: UTF8.self)
  }

  /// A number of four columns: decimal, or hybrid-36 where it begins with a letter (`PDBWriter.hybrid36`).
  private static func hybrid36(_ field: Slice<UnsafeRawBufferPointer>) -> Int? {
    let text = words(field)
    guard let first = text.utf8.first, first >= UInt8(ascii: "A") else { return Int(text) }
    guard text.utf8.count == number.count, let value = Int(text, radix: 36),
      text == text.uppercased() || text == text.lowercased()
    else { return nil }
    let block = 26 * 36 * 36 * 36
    return value - 10 * 36 * 36 * 36 + 10_000 + (first >= UInt8(ascii: "a") ? block : 0)
  }
}
