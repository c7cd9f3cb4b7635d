// Changes of a protein's sequence: substitutions, deletions, insertions, duplications, alone or several at once.

/// One or more changes of a sequence that are made together.
public struct Variant: Sendable, Equatable {
  /// A residue of the sequence as a variant names it.
  public struct Residue: Sendable, Equatable {
    /// Its letter in upper case, and its number as it was written.
    public let letter: Character, number: Int

    /// A residue; its letter in upper case.
    public init(_ letter: Character, _ number: Int) {
      self.letter = letter
      self.number = number
    }
  }

  /// What happens to some residues.
  public enum Change: Sendable, Equatable {
    /// Another residue takes the place of one, or the same stays: `A24G`, `A24A`.
    case substitution(Residue, by: Character)
    /// All residues from the first to the last are absent: `K23del`, `K23_V25del`.
    case deletion(Residue, Residue)
    /// Further residues stand between two neighbours: `K2_M3insQSK`.
    case insertion(Residue, Residue, [Character])
    /// All residues from the first to the last are there twice, one copy after the other: `V7dup`, `K23_V25dup`.
    case duplication(Residue, Residue)
    /// Others take the place of all residues from the first to the last: `C28delinsWV`.
    case replacement(Residue, Residue, by: [Character])
  }

  /// What is changed, in the order in which it was written; nothing for `p.=`, a sequence without any change.
  public let changes: [Change]
  /// The sequence that the variant says to belong to, such as `NP_000537.3`; `nil` where it says nothing.
  public let reference: String?

  /// Reads a variant in the short notation (`A24G`, several at once `A24G:K30R`) or in the protein notation of the Human
  /// Genome Variation Society (`p.Ala24Gly`, `p.(Lys23_Val25del)`, `p.[Leu2Lys;Gly4Ala]`, `NP_000537.3:p.Arg175His`); see
  /// hgvs-nomenclature.org.
  ///
  /// - Parameter text: The variant; letters of single residues in either case.
  /// - Throws: `VariantError` when the text is no variant, or one that has no score.
  public init(_ text: String) throws(VariantError) {
    (reference, changes) = try VariantNotation.read(text)
  }

  /// The residues that it names, in the order in which they were written.
  public var residues: [Residue] { changes.flatMap(\.named) }

  /// Throws `VariantError.noToken` unless a vocabulary has all letters: others would all be scored as one `<unk>`.
  public func check(_ tokenizer: Tokenizer) throws(VariantError) {
    for change in changes {
      let letters = change.named.map(\.letter) + change.added
      guard let letter = letters.first(where: { tokenizer.id(of: String($0)) == tokenizer.unk }) else { continue }
      throw .noToken("\(self)", number: change.named[0].number, letter: letter)
    }
  }

  /// Finds the residues of the variant in a sequence.
  ///
  /// - Parameters:
  ///   - sequence: The residues.
  ///   - offset: The number of the first residue.
  /// - Returns: The variant at its place.
  /// - Throws: `VariantError.outside`, `.otherResidue`, or `.nothingLeft` when no residue would be left.
  public func placed(in sequence: [Character], offset: Int = 1) throws(VariantError) -> PlacedVariant {
    var edits: [PlacedVariant.Edit] = []
    for change in changes {
      var places: [Int] = []
      for residue in change.named { places.append(try index(of: residue, in: sequence, offset)) }
      let first = places[0], last = places[places.count - 1]
      let edit: PlacedVariant.Edit =
        switch change {
        case .substitution(_, let letter): .init(range: first..<first + 1, letters: [letter])
        case .deletion: .init(range: first..<last + 1, letters: [])
        case .insertion(_, _, let letters): .init(range: last..<last, letters: letters)
        case .duplication: .init(range: last + 1..<last + 1, letters: Array(sequence[first...last]))
        case .replacement(_, _, let letters): .init(range: first..<last + 1, letters: letters)
        }
      edits.append(edit)
    }
    let placed = PlacedVariant(
      variant: self,
      edits: edits.sorted {
        // An insertion comes before what happens to the residue behind it.
        ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
      })
    guard sequence.isEmpty || sequence.count + placed.growth > 0 else { throw .nothingLeft("\(self)") }
    return placed
  }

  private func index(
    of residue: Residue, in sequence: [Character], _ offset: Int
  ) throws(VariantError) -> Int {
    let (index, overflow) = residue.number.subtractingReportingOverflow(offset)
    guard !overflow, sequence.indices.contains(index) else {
      throw .outside("\(self)", number: residue.number, first: offset, last: offset &+ sequence.count &- 1)
    }
    guard sequence[index] == residue.letter else {
      throw .otherResidue("\(self)", number: residue.number, found: sequence[index], expected: residue.letter)
    }
    return index
  }
}

extension Variant.Change {
  /// The residues of the sequence that it names: one, or the first and the last.
  var named: [Variant.Residue] {
    switch self {
    case .substitution(let residue, _): [residue]
    case .deletion(let first, let last), .duplication(let first, let last), .insertion(let first, let last, _),
      .replacement(let first, let last, _):
      first == last ? [first] : [first, last]
    }
  }

  /// The letters that it brings.
  var added: [Character] {
    switch self {
    case .substitution(_, let letter): [letter]
    case .insertion(_, _, let letters), .replacement(_, _, let letters): letters
    case .deletion, .duplication: []
    }
  }
}

extension Variant: CustomStringConvertible {
  /// The short notation, `A24G:K30_V32del`, without the reference; `=` for no change at all.
  public var description: String { changes.isEmpty ? "=" : changes.map(\.description).joined(separator: ":") }
}

extension Variant.Change: CustomStringConvertible {
  /// The short notation.
  public var description: String {
    let place = named.map { "\($0.letter)\($0.number)" }.joined(separator: "_")
    return switch self {
    case .substitution(_, let letter): "\(place)\(letter)"
    case .deletion: "\(place)del"
    case .insertion(_, _, let letters): "\(place)ins\(String(letters))"
    case .duplication: "\(place)dup"
    case .replacement(_, _, let letters): "\(place)delins\(String(letters))"
    }
  }
}
