// Nucleic acids by their letters and by their headers, and proteins that only look like them.

import Protein
import Testing

struct NucleicAcidTests {
  private func found(_ header: String, _ sequence: String) -> String? {
    let item = FASTAParser.records(in: ">\(header)\n\(sequence)\n".utf8, file: "p.fa").first
    guard case .failure(.nucleicAcid(let found, _, _))? = item else { return nil }
    return found.word ?? "letters"
  }

  private static let gene = "ATGGTGCTGTCTCCTGCCGACAAGACCAACGTCAAGGCCGCCTGGGGTAAGGTCGGCGCGCACGCTGGCG"

  @Test(arguments: [
    ("9xyz_C mol:na length:12 DNA", "CT05HTCTTTGA", "mol:na"),
    ("9xyz_C mol:na length:2", "CG", "mol:na"),
    ("1abc_B mol:na length:10 RNA (aptamer)", "GGHVXAACUU", "mol:na"),
    ("p DNA", "TTTTTTTTTT", "DNA"), ("p DNA", "AAGGTTCCLQ", "DNA"),
    ("1BNA_1|Chains A, B|DNA (5'-D(*CP*GP*CP*G)-3')|", "CGCGCGCG", "DNA"),
    ("x synthetic mRNA", "AAAAGGUURY", "mRNA"),
    ("x Homo sapiens tRNA-Phe", "GCGGA", "tRNA"),
    ("a", "ACGTACGT", "letters"), ("a", "acguacgu", "letters"),
    ("NM_1 hemoglobin subunit alpha (HBA1), mRNA", gene, "letters"),
    ("lcl|NC_1_cds_1 [protein=hemoglobin]", gene, "letters"),
    ("a", String(gene.dropLast(3)) + "RYN", "letters"),
    ("a", "AC-GT--ACGT", "letters"),
  ])
  func nucleicAcids(header: String, sequence: String, word: String) { #expect(found(header, sequence) == word) }

  @Test(arguments: [
    ("a mol:protein length:8", "ACGTACGT"), ("sp|P1|X", "ACGTACGTACGT"), ("a antimicrobial peptide", "ACGTACGTACGT"),
    ("p DNA", "AAGGTTCLQE"), ("a DNA-binding protein", "AAAAAAAAGGG"), ("a DNA polymerase", "GAGAGAGAGAGAGA"),
    ("a DNA", "NLYIQWLKDGGPSSGRPPPS"),
    ("a mol:na", "NLYIQWLKDGGPSSGRPPPS"), ("dna-pol", "MKVLAAGIVG"), ("gyrase subunit A", "AAGGTTCCAA"),
    // An antifreeze protein of a beetle, the richest in these letters that is known.
    (
      "a",
      "QCTGGADCTSCTGACTGCGNCPNAVTCTNSQHCVKANTCTGSTDCNTAQTCTNSKDCFEANTCTDSTNCYKATACTNSSGCPGH"
    ),
    ("a", "ACGTACGTS"), ("a", "AGAGAGAGAGAGAGAGAGAGAGAGAGAGAGAGAGAGAGAG"),
  ])
  func proteins(header: String, sequence: String) { #expect(found(header, sequence) == nil) }

  @Test func message() {
    let error = FASTAParser.records(in: ">9xyz_C mol:na length:12 DNA\nCT05HTCTTTGA\n".utf8, file: "p.fa").first
    guard case .failure(let error)? = error else { return #expect(Bool(false)) }
    #expect(
      error.description.hasPrefix(
        "p.fa:1: record \"9xyz_C\": sequence: found 10 nucleotides (mol:na by its header, 9 of 10 letters are A, C, G, T, U "
          + "or N), expected amino acids\nhint: translate"))
  }
}
