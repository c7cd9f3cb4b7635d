// How sequences are read where the text leaves a choice.

/// The choices of a reader of FASTA.
package struct FASTARules: Hashable, Sendable {
  /// What becomes of `-` and `.`, the gaps of alignments.
  package enum Gaps: String, CaseIterable, Sendable {
    /// They are left out: what remains is the protein.
    case drop
    /// They stay in the sequence: columns of the alignment. The insertions of an A3M are left out.
    case keep
    /// A record that has any is refused.
    case error
  }

  /// What becomes of U, O, B, Z and J in a sequence to be folded.
  package enum Nonstandard: String, CaseIterable, Sendable {
    /// X, which has no atoms.
    case x
    /// The amino acid that is most like them.
    case nearest
  }

  package var dialect: FASTADialect
  package var gaps: Gaps
  package var nonstandard: Nonstandard
  /// Whether each line without a header is a sequence, even where the lines look like one that was wrapped.
  package var readsLines: Bool
  /// Whether the input is known to be an A3M, by its name; its first line may say so, too.
  package var isA3M: Bool

  package init(
    _ dialect: FASTADialect = .residues, gaps: Gaps = .drop, nonstandard: Nonstandard = .x, readsLines: Bool = false,
    isA3M: Bool = false
  ) {
    self.dialect = dialect
    self.gaps = gaps
    self.nonstandard = nonstandard
    self.readsLines = readsLines
    self.isA3M = isA3M
  }
}
