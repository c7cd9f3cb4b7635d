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
  /// How many of these letters each chain has, in their order.
  package let chainLengths: [Int]
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

  /// The chains as residue types.
  package var chains: [[ResidueType]] {
    var rest = residueTypes[...]
    return chainLengths.map { length in
      defer { rest = rest.dropFirst(length) }
      return Array(rest.prefix(length))
    }
  }

  /// The record with its sequence cut into chains, of which each may be there several times.
  ///
  /// - Returns: `nil` when the lengths do not add up to the sequence.
  package func divided(into query: A3MQuery) -> FASTARecord? {
    guard query.chains.reduce(0, { $0 + $1.length }) == sequence.count else { return nil }
    var rest = sequence[...], letters: [UInt8] = [], lengths: [Int] = []
    for chain in query.chains {
      for _ in 0..<chain.copies {
        letters += rest.prefix(chain.length)
        lengths.append(chain.length)
      }
      rest = rest.dropFirst(chain.length)
    }
    return FASTARecord(
      name: name, header: header, sequence: letters, chainLengths: lengths, line: line, file: file, columns: columns,
      insertions: insertions, gaps: gaps, warnings: warnings)
  }
}
