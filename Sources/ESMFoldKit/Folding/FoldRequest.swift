// The request for one fold.

package import Protein

/// One protein to fold, and all choices of the run.
public struct FoldRequest: Sendable, Equatable {
  /// The protein.
  package let residues: [ResidueType]
  /// Extra passes through the trunk after the first, so that 0 is one pass; `nil` for the model's own number (3 for
  /// esmfold_v1, which makes 4 passes).
  public var recycles: Int?

  /// Asks for a structure of a sequence.
  ///
  /// - Parameters:
  ///   - sequence: One-letter codes, upper or lower case; letters outside the twenty amino acids fold as X, which has no
  ///     atoms.
  ///   - recycles: Extra passes after the first, or `nil` for the model's own number.
  public init(sequence: String, recycles: Int? = nil) {
    self.init(residues: sequence.utf8.map(ResidueType.init(letter:)), recycles: recycles)
  }

  /// Asks for a structure of residues that are known as such.
  package init(residues: [ResidueType], recycles: Int? = nil) {
    self.residues = residues
    self.recycles = recycles
  }

  /// Residues.
  public var length: Int { residues.count }

  /// The sequence as it will be folded: upper case, X for every letter outside the twenty.
  public var sequence: String { String(residues.map(\.oneLetter)) }

  /// Far more recycles than are useful.
  public static let maximumRecycles = 1000
}
