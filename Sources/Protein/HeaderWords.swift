// What the header of a record says its sequence is.

/// The words of a header that tell proteins from nucleic acids.
struct HeaderWords {
  /// `mol:protein`, or an entry of UniProt.
  let saysProtein: Bool
  /// `mol:na`
  let saysNucleicAcid: Bool
  /// A word such as DNA, as it is written; nil where there is none.
  let nucleicWord: String?
  /// Whether a word belongs to proteins: protein, peptide, polymerase, binding.
  let mentionsProtein: Bool

  private static let nucleic: Set<String> = [
    "dna", "rna", "mrna", "trna", "rrna", "cdna", "ssdna", "dsdna", "ssrna", "dsrna", "mtdna", "sirna", "mirna",
    "snrna",
    "snorna", "ncrna", "lncrna", "tmrna", "crrna", "sgrna", "grna", "oligonucleotide", "nucleotide",
    "oligodeoxynucleotide", "deoxyribonucleotide", "ribonucleotide", "polydeoxyribonucleotide", "polyribonucleotide",
    "aptamer", "ribozyme",
  ]

  private static let protein: Set<String> = [
    "protein", "proteins", "peptide", "polypeptide", "oligopeptide", "binding", "factor", "domain", "subunit",
    "repressor", "antibody", "activator", "inhibitor", "receptor", "homeodomain", "histone",
  ]

  init(_ header: String) {
    let parts = header.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
    saysProtein =
      parts.contains("mol:protein") || parts.first.map { $0.hasPrefix("sp|") || $0.hasPrefix("tr|") } ?? false
    saysNucleicAcid = parts.contains("mol:na")
    let words = header.split { !$0.isLetter }
    nucleicWord = words.first { Self.nucleic.contains($0.lowercased()) }.map { String($0) }
    // Enzymes end with "ase": polymerase, ligase, helicase.
    mentionsProtein = words.contains { word in
      let small = word.lowercased()
      return Self.protein.contains(small) || (small.count > 4 && small.hasSuffix("ase"))
    }
  }
}
