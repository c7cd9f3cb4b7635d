// PIR (NBRF), which Modeller reads: it looks like FASTA, but its second line is a title.

enum PIRFormat {
  private static let kinds: Set<String> = ["P1", "F1", "DL", "DC", "RL", "RC", "N1", "N3", "XX"]

  /// Whether the first bytes of a line are a `>` and what could be the kind of a record of PIR.
  static func mayBegin(_ bytes: some Collection<UInt8>) -> Bool {
    let text = String(decoding: bytes.prefix(4), as: UTF8.self)
    return text.hasPrefix(">") && text.hasSuffix(";") && kinds.contains(String(text.dropFirst().dropLast()))
  }

  /// A record `>P1;name`, whose second line is none of residues.
  static func recognized(in lines: HeadLines) -> ForeignFormat? {
    guard let first = lines.first, mayBegin(Array(first.utf8)),
      let start = lines.all.firstIndex(where: { !$0.withoutBlanks.isEmpty }), start + 1 < lines.all.count
    else { return nil }
    let title = lines.all[start + 1].withoutBlanks
    let isTitle =
      title.isEmpty || title.contains(" ")
      || !title.utf8.allSatisfy { $0.isASCIILowercase || $0.isASCIIUppercase || $0.isGap || $0 == UInt8(ascii: "*") }
    return isTitle ? .biopython("a PIR file (NBRF, Modeller)", "pir") : nil
  }
}
