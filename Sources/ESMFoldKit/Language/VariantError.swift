// Why a variant cannot be read or applied.

import Platform

/// Why a variant cannot be scored.
public enum VariantError: Error, Sendable, Equatable {
  /// Variants that can be written but have no score.
  public enum Unsupported: Sendable, Equatable, CaseIterable {
    /// A change of DNA or RNA.
    case nucleotides
    /// A stop, a shifted reading frame, a protein that begins or ends elsewhere.
    case stop, frameshift, `extension`
    /// Something that nobody knows; no protein at all.
    case unknown, noProtein
    /// Several molecules, or one of several variants.
    case alternatives
    /// A number of repeats.
    case repeats
    /// Deleted or duplicated residues that are named once more; inserted ones of which only the number is.
    case namedResidues, unnamedResidues
  }

  /// The text is not a variant.
  case malformed(String)
  /// The variant has no score.
  case unsupported(String, Unsupported)
  /// Three letters that are not the code of a residue.
  case code(String, String)
  /// Two changes affect the same residue.
  case repeated(String, number: Int)
  /// The first residue does not come before the last.
  case order(String, Int, Int)
  /// The residues around an insertion are not neighbours; only one is named.
  case notNeighbours(String, Int, Int)
  case oneNeighbour(String, Int)
  /// The sequence has no residue of this number.
  case outside(String, number: Int, first: Int, last: Int)
  /// The sequence has another residue there.
  case otherResidue(String, number: Int, found: Character, expected: Character)
  /// The model's vocabulary does not have the letter.
  case noToken(String, number: Int, letter: Character)
  /// All residues would be deleted.
  case nothingLeft(String)
}

extension VariantError: CustomStringConvertible {
  /// `variant X: what: found, expected`.
  public var description: String {
    switch self {
    case .malformed(let text):
      "variant: found \(quoted(text)), expected a change such as A24G, p.Ala24Gly, p.Lys23_Val25del or "
        + "p.Lys2_Met3insGlnSer\nhint: several at once are written A24G:K30R or p.[Ala24Gly;Lys30Arg]"
    case .unsupported(let text, let kind):
      "variant \(quoted(text)): found \(kind.found), expected \(kind.expected)\nhint: \(kind.hint)"
    case .code(let text, let code):
      "variant \(quoted(text)): residue: found \(quoted(code)), expected a letter or one of the codes Ala to Val, Sec, "
        + "Pyl, Asx, Glx, Xle, Xaa"
    case .repeated(let text, let number):
      "variant \(quoted(text)): residue \(number): found twice, expected once"
    case .order(let text, let first, let last):
      "variant \(quoted(text)): residues: found \(first) to \(last), expected the smaller number first"
    case .notNeighbours(let text, let first, let last):
      "variant \(quoted(text)): insertion: found it between \(first) and \(last), expected two neighbours"
        + "\nhint: delins replaces all residues of a range"
    case .oneNeighbour(let text, let number):
      "variant \(quoted(text)): insertion: found one residue, \(number), expected the two on either side, as in "
        + "p.Lys2_Met3insGlnSer"
    case .outside(let text, let number, let first, let last):
      "variant \(text): residue: found number \(number), expected \(first) to \(last)"
    case .otherResidue(let text, let number, let found, let expected):
      "variant \(text): residue \(number): found \(found) in the sequence, expected the \(expected) of the variant"
    case .noToken(let text, let number, let letter):
      "variant \(text): residue \(number): found \(letter), expected a residue of the model's vocabulary"
    case .nothingLeft(let text):
      "variant \(text): found a deletion of the whole sequence, expected that a residue is left"
    }
  }
}

extension VariantError.Unsupported {
  fileprivate var found: String {
    switch self {
    case .nucleotides: "a change of nucleotides"
    case .stop: "a stop (Ter, *)"
    case .frameshift: "a frameshift (fs)"
    case .extension: "an extension (ext)"
    case .unknown: "an unknown effect (?)"
    case .noProtein: "a variant without a protein (p.0)"
    case .alternatives: "several molecules or alternatives"
    case .repeats: "a number of repeats"
    case .namedResidues: "deleted or duplicated residues behind del or dup"
    case .unnamedResidues: "inserted residues that are not named"
    }
  }

  fileprivate var expected: String {
    switch self {
    case .nucleotides: "one of the protein, such as p.Ala24Gly"
    case .stop, .frameshift, .extension: "a substitution, deletion, insertion, duplication or delins"
    case .unknown, .noProtein: "a protein that is known"
    case .alternatives: "the changes of one molecule, such as p.[Ala24Gly;Lys30Arg]"
    case .repeats: "an insertion, a deletion or a duplication"
    case .namedResidues: "none, as in p.Lys23_Val25del"
    case .unnamedResidues: "their codes, as in p.Lys2_Met3insGlnSer"
    }
  }

  fileprivate var hint: String {
    switch self {
    case .nucleotides:
      "a tool such as VEP, VariantValidator or Mutalyzer gives the protein's change of a variant in DNA"
    case .stop, .frameshift, .extension:
      "the protein that results can be scored as a sequence of its own, and compared with that of the wild type"
    case .unknown, .noProtein: "there is no sequence that could be scored; leave the variant out"
    case .alternatives: "give each molecule as a variant of its own"
    case .repeats: "name the residues that are inserted, deleted or duplicated"
    case .namedResidues: "the first and the last residue say which ones are affected"
    case .unnamedResidues: "a score needs every residue"
    }
  }
}
