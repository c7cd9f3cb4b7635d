// The symbols that sequences of a FASTA file may contain.

/// The symbols that a sequence may contain.
package enum FASTADialect: Sendable {
  /// Residues, to be folded.
  case residues
  /// Residues and the language model's own tokens, such as `<mask>`; B, J, O, U, Z, `-` and `.` are kept.
  case tokens

  /// The multi-character tokens that the second dialect allows.
  package static let specialTokens: Set<String> = ["<cls>", "<pad>", "<eos>", "<unk>", "<mask>", "<null_1>"]
}
