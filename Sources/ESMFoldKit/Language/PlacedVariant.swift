// A variant at its place in a sequence.

/// A variant whose residues were found in a sequence, from `Variant.placed`.
public struct PlacedVariant: Sendable {
  /// A range of the sequence, counted from 0, and the letters that take its place.
  struct Edit: Sendable {
    let range: Range<Int>
    let letters: [Character]
  }

  /// What is changed.
  public let variant: Variant
  /// In the order of the sequence; they do not overlap.
  let edits: [Edit]

  /// How many residues more the changed sequence has.
  public var growth: Int { edits.reduce(0) { $0 + $1.letters.count - $1.range.count } }

  /// Whether there is nothing but substitutions, each of one residue by one: only these have marginal scores.
  public var isSubstitution: Bool {
    variant.changes.allSatisfy { if case .substitution = $0 { true } else { false } }
  }

  /// The changed sequence.
  ///
  /// - Parameter sequence: The one in which the variant was placed.
  /// - Returns: Its residues with all changes made.
  public func applied(to sequence: [Character]) -> [Character] { applied(to: sequence) { $0 } }

  /// The same of any form of the sequence that has an element for each residue.
  func applied<Element>(to sequence: [Element], _ element: (Character) -> Element) -> [Element] {
    var changed: [Element] = [], place = 0
    for edit in edits {
      changed += sequence[place..<edit.range.lowerBound]
      changed += edit.letters.map(element)
      place = edit.range.upperBound
    }
    return changed + sequence[place...]
  }
}
