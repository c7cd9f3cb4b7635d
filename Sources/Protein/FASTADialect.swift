// What the sequences of a FASTA file may be made of.

/// What a sequence may be made of.
package enum FASTADialect: Sendable {
  /// Residues, to be folded.
  case residues
  /// Residues and the language model's own tokens, such as `<mask>`; B, J, O, U, Z, `-` and `.` stay what they are.
  case tokens

  /// The tokens of several characters that a sequence may have in the second dialect.
  package static let specialTokens: Set<String> = ["<cls>", "<pad>", "<eos>", "<unk>", "<mask>", "<null_1>"]
}
