// Formats that people have their sequences in and that are not FASTA: recognised by their first bytes, so that no
// accession or ATOM line is folded as residues, and refused by name with the way to FASTA.

/// A format that is not FASTA.
package struct ForeignFormat: Hashable, Sendable {
  /// With its article: "a PDB file".
  package let name: String
  /// How to make FASTA of it, in one line.
  package let advice: String

  /// The format of an input; nil where nothing contradicts that it is sequences, with or without headers.
  ///
  /// - Parameters:
  ///   - bytes: the first bytes of the input.
  ///   - isWhole: whether these are all.
  /// - Returns: the format.
  package static func recognized(in bytes: [UInt8], isWhole: Bool) -> ForeignFormat? {
    if let format = BinaryFormat.recognized(in: bytes) { return format }
    guard !bytes.contains(0) else { return nil }
    let lines = HeadLines(bytes, isWhole: isWhole)
    guard let first = lines.first else { return nil }
    if first.hasPrefix(">") { return PIRFormat.recognized(in: lines) }
    return TextFormat.recognized(in: lines) ?? StructureFormat.recognized(in: lines)
      ?? AlignmentFormat.recognized(in: lines) ?? TableFormat.recognized(in: lines)
  }
}

// === Ways to FASTA ===

extension ForeignFormat {
  /// A compressed file; `name` is the program's or format's.
  static func compressed(_ name: String, _ command: String) -> ForeignFormat {
    ForeignFormat(
      name: "a file compressed with \(name)",
      advice:
        "`\(command) FILE > FILE.fasta` unpacks it; or pipe `\(command) FILE` to this command and name - as its input")
  }

  static func archive(_ name: String, _ command: String) -> ForeignFormat {
    ForeignFormat(name: name, advice: "`\(command)` unpacks it; give the FASTA files that are in it")
  }

  /// Something of which Biopython makes FASTA; `format` is its name there.
  static func biopython(_ name: String, _ format: String, or other: String = "") -> ForeignFormat {
    let command = "from Bio import SeqIO; SeqIO.convert(\"FILE\", \"\(format)\", \"FILE.fasta\", \"fasta\")"
    return ForeignFormat(
      name: name,
      advice: "`python3 -c '\(command)'` (Biopython) makes FASTA of it" + (other.isEmpty ? "" : "; \(other)"))
  }

  /// Something without protein sequences.
  static func without(_ name: String, _ advice: String) -> ForeignFormat {
    ForeignFormat(name: name, advice: advice)
  }
}
