// The work of a run: proteins to fold, and records that cannot be folded.

package import Protein

/// A protein to fold and the name of its results.
package struct Job: Sendable {
  package let record: FASTARecord
  /// A file name without ending, unique in the run.
  package let name: String
}

/// A record or file that cannot be used.
package struct BadInput: Sendable {
  /// The record's name as a file name; nil where the whole file is concerned.
  package let name: String?
  package let message: String
}
