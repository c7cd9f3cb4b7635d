// One record of a FASTA file.

/// One protein sequence of the input.
package struct FASTARecord: Hashable, Sendable {
  /// First word of the header; `sequence_N` for the Nth record of the input when it has none.
  package let name: String
  /// The whole header without `>`; the name when there is none.
  package let header: String
  /// Letters in upper case, without spaces, digits and final `*`; may contain `*` and, if they are kept, `-` and `.`, which
  /// are read as X.
  package let sequence: [UInt8]
  /// Line of the header, or of the first residues when there is none, counted from 1.
  package let line: Int
  /// Name of the input, as given to the parser.
  package let file: String
  /// Its columns in an alignment: capital letters and `-`, but not the insertions of an A3M and the `.` beside those of
  /// others.
  package let columns: Int
  /// Small letters, the insertions of an A3M.
  package let insertions: Int
  /// The gaps that the input has, whatever became of them.
  package let gaps: GapCounts
  /// Warnings; at most one of each kind.
  package let warnings: [FASTAWarning]

  /// The sequence as residue types, [L].
  package var residueTypes: [ResidueType] { sequence.map(ResidueType.init(letter:)) }
}
