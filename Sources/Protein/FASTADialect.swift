// The symbols that sequences of a FASTA file may contain.

/// The symbols that a sequence may contain.
package enum FASTADialect: Sendable {
  /// Residues, to be folded.
  case residues
  /// Residues and the tokens of `Alphabet`, such as `<mask>`; B, J, O, U, Z, `-` and `.` stay what they are.
  case tokens
}
