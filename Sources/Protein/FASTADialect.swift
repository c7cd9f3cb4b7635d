// What the sequences of a FASTA file may be made of.

/// What a sequence may be made of.
package enum FASTADialect: Sendable {
  /// Residues, to be folded.
  case residues
  /// Residues and the tokens of `Alphabet`, such as `<mask>`; B, J, O, U, Z, `-` and `.` stay what they are.
  case tokens
}
