// Substitutions in the usual notation: A24G, or several at once, A24G:K30R.

/// One or more substitutions that are made together.
public struct Variant: Sendable, Equatable {
  /// One residue in place of another.
  public struct Substitution: Sendable, Equatable {
    /// Letter of the sequence, its number as it was written, and the letter that takes its place.
    public let wildType: Character, number: Int, mutant: Character

    /// A substitution; letters in upper case.
    public init(wildType: Character, number: Int, mutant: Character) {
      self.wildType = wildType
      self.number = number
      self.mutant = mutant
    }
  }

  /// What is changed, in the order in which it was written.
  public let substitutions: [Substitution]

  /// Reads substitutions separated by colons.
  ///
  /// - Parameter text: Such as `A24G` or `A24G:K30R`; letters in either case.
  /// - Throws: `VariantError.malformed` or `.repeated`.
  public init(_ text: String) throws(VariantError) {
    var substitutions: [Substitution] = [], numbers: Set<Int> = []
    for part in text.split(separator: ":", omittingEmptySubsequences: false) {
      let letters = part.uppercased()
      guard let wildType = letters.first, let mutant = letters.last, letters.count >= 3, Self.isLetter(wildType),
        Self.isLetter(mutant), let number = Int(letters.dropFirst().dropLast())
      else { throw .malformed(text) }
      guard numbers.insert(number).inserted else { throw .repeated(text, number: number) }
      substitutions.append(Substitution(wildType: wildType, number: number, mutant: mutant))
    }
    self.substitutions = substitutions
  }

  private static func isLetter(_ character: Character) -> Bool { character.isASCII && character.isUppercase }

  /// The places of the substitutions in a sequence.
  ///
  /// - Parameters:
  ///   - sequence: The residues.
  ///   - offset: The number of the first residue.
  /// - Returns: Indices from 0.
  /// - Throws: `VariantError.outside` or `.otherResidue`.
  public func positions(in sequence: [Character], offset: Int = 1) throws(VariantError) -> [Int] {
    var positions: [Int] = []
    for substitution in substitutions {
      let (index, overflow) = substitution.number.subtractingReportingOverflow(offset)
      guard !overflow, sequence.indices.contains(index) else {
        throw .outside(
          "\(self)", number: substitution.number, first: offset, last: offset &+ sequence.count &- 1)
      }
      guard sequence[index] == substitution.wildType else {
        throw .otherResidue(
          "\(self)", number: substitution.number, found: sequence[index], expected: substitution.wildType)
      }
      positions.append(index)
    }
    return positions
  }

  /// Throws `VariantError.noToken` unless a vocabulary has all letters: others would all be scored as one `<unk>`.
  public func check(_ tokenizer: Tokenizer) throws(VariantError) {
    for substitution in substitutions {
      let letters = [substitution.wildType, substitution.mutant]
      guard let letter = letters.first(where: { tokenizer.id(of: String($0)) == tokenizer.unk }) else { continue }
      throw .noToken("\(self)", number: substitution.number, letter: letter)
    }
  }
}

extension Variant: CustomStringConvertible {
  /// The usual notation.
  public var description: String {
    substitutions.map { "\($0.wildType)\($0.number)\($0.mutant)" }.joined(separator: ":")
  }
}
