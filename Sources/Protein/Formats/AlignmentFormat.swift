// Formats of alignments other than FASTA and A3M.

enum AlignmentFormat {
  static func recognized(in lines: HeadLines) -> ForeignFormat? {
    guard let first = lines.first else { return nil }
    let small = first.lowercased()
    if small.hasPrefix("# stockholm") {
      return .biopython("a Stockholm alignment", "stockholm", or: "so does `esl-reformat fasta FILE` (HMMER)")
    }
    if small.hasPrefix("#nexus") { return .biopython("a NEXUS file", "nexus") }
    if small.hasPrefix("#mega") { return .without("a MEGA alignment", "export it as FASTA") }
    if isClustal(first) { return .biopython("a Clustal alignment", "clustal") }
    if first.hasPrefix("!!AA_") || first.hasPrefix("!!NA_") || small == "pileup"
      || lines.filled.prefix(8).contains(where: { $0.contains(" MSF:") && $0.hasSuffix("..") })
    {
      return .biopython("an MSF file (GCG)", "msf")
    }
    if isPHYLIP(lines) { return .biopython("a PHYLIP alignment", "phylip-relaxed") }
    return nil
  }

  /// The programs that write the format name themselves in its first line; letters alone could be residues.
  private static func isClustal(_ first: String) -> Bool {
    let words = first.blankSeparated
    guard let name = words.first?.uppercased() else { return false }
    if name == "CLUSTAL" || name == "CLUSTALW" || name == "CLUSTALX" {
      return first.lowercased().contains("alignment") || first.contains(where: \.isNumber)
    }
    return (name == "MUSCLE" || name == "PROBCONS" || name == "KALIGN" || name == "T-COFFEE")
      && first.lowercased().contains("alignment")
  }

  /// The numbers of sequences and columns, then lines of a name and as many columns each.
  private static func isPHYLIP(_ lines: HeadLines) -> Bool {
    let numbers = lines.filled.first?.blankSeparated ?? []
    guard numbers.count == 2, let count = Int(numbers[0]), let columns = Int(numbers[1]), count > 1, columns > 0 else {
      return false
    }
    let rows = lines.filled.dropFirst().prefix(count).map { $0.blankSeparated }
    // A ruler above blocks of ten has two numbers, too, but not as many lines as the first says.
    guard !rows.isEmpty, rows.count == count || !lines.isWhole else { return false }
    let widths = Set(rows.map { row in row.dropFirst().reduce(0) { $0 + $1.utf8.count } })
    guard rows.allSatisfy({ $0.count > 1 }), widths.count == 1, let width = widths.first else { return false }
    return width <= columns
  }
}
