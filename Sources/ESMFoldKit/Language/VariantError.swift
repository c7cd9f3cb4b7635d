// Why a variant cannot be read or applied.

import Platform

/// Why a variant cannot be scored.
public enum VariantError: Error, Sendable, Equatable {
  /// The text is not a substitution.
  case malformed(String)
  /// One residue is substituted twice.
  case repeated(String, number: Int)
  /// The sequence has no residue of this number.
  case outside(String, number: Int, first: Int, last: Int)
  /// The sequence has another residue there.
  case otherResidue(String, number: Int, found: Character, expected: Character)
  /// The model's vocabulary does not have the letter.
  case noToken(String, number: Int, letter: Character)
}

extension VariantError: CustomStringConvertible {
  /// `variant X: what: found, expected`.
  public var description: String {
    switch self {
    case .malformed(let text): "variant: found \(quoted(text)), expected substitutions such as A24G or A24G:K30R"
    case .repeated(let text, let number): "variant \(text): residue \(number): found twice, expected once"
    case .outside(let text, let number, let first, let last):
      "variant \(text): residue: found number \(number), expected \(first) to \(last)"
    case .otherResidue(let text, let number, let found, let expected):
      "variant \(text): residue \(number): found \(found) in the sequence, expected the \(expected) of the variant"
    case .noToken(let text, let number, let letter):
      "variant \(text): residue \(number): found \(letter), expected a residue of the model's vocabulary"
    }
  }
}
