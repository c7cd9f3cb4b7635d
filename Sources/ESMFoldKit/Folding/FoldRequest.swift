// The request for one fold.

package import Folding
package import Protein

/// One protein or complex to fold, and all choices of the run.
public struct FoldRequest: Sendable, Equatable {
  /// How residues are numbered in files.
  public enum Numbering: String, Sendable, CaseIterable {
    /// From 1 in each chain, or by `residueNumbers`.
    case chain
    /// By the numbers that the trunk sees, from 1 over all chains, as Meta's program does.
    case model
  }

  /// The residues of each chain.
  package let chains: [[ResidueType]]
  /// Extra passes through the trunk after the first, so that 0 is one pass; `nil` for the model's own number (3 for
  /// esmfold_v1, which makes 4 passes).
  public var recycles: Int?
  /// Less change than this from one pass to the next ends the fold before its number of recycles is reached, Å: the root
  /// mean square change of distances between carbons α, as in ColabFold; `nil` for no such end.
  public var recycleTolerance: Float?
  /// What is hidden from the language model; `nil` for nothing.
  public var mask: LanguageMask?
  /// What the model reads between two chains; it is left out of the result.
  package var linker = [ResidueType](repeating: Self.glycine, count: Self.defaultLinkerLength)
  /// The same as letters; those outside the twenty amino acids are X.
  public var chainLinker: String {
    get { String(linker.map(\.oneLetter)) }
    set { linker = newValue.utf8.map(ResidueType.init(letter:)) }
  }
  /// What is added to the residue numbers that the trunk sees at the beginning of each further chain.
  public var residueOffset = Self.defaultResidueOffset
  /// Numbers of the residues of each chain, ascending, if they are not consecutive: gaps are residues that the model is
  /// told of and does not see. Only differences within a chain count for the fold.
  public var residueNumbers: [[Int]]?
  /// How residues are numbered in files.
  public var numbering = Numbering.chain

  /// Asks for a structure of a protein, or of a complex.
  ///
  /// - Parameters:
  ///   - sequence: One-letter codes, upper or lower case, with `:` between chains; letters outside the twenty amino acids
  ///     fold as X, which has no atoms.
  ///   - recycles: Extra passes after the first, or `nil` for the model's own number.
  public init(sequence: String, recycles: Int? = nil) {
    let chains = sequence.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    self.init(chains: chains.map { $0.map(ResidueType.init(letter:)) }, recycles: recycles)
  }

  /// Asks for a structure of residues that are known as such.
  package init(chains: [[ResidueType]], recycles: Int? = nil) {
    self.chains = chains
    self.recycles = recycles
  }

  /// Residues of all chains, without linkers.
  public var length: Int { chains.reduce(0) { $0 + $1.count } }

  /// Residues that the model reads: those of all chains and of the linkers between them.
  public var lengthWithLinkers: Int { length + max(0, chains.count - 1) * linker.count }

  /// The sequence as it will be folded: upper case, X for every letter outside the twenty, `:` between chains.
  public var sequence: String { chains.map { String($0.map(\.oneLetter)) }.joined(separator: ":") }

  /// What the model reads.
  package var layout: ChainLayout {
    ChainLayout(chains, linker: linker, offset: residueOffset, numbers: residueNumbers)
  }

  /// The chains with the numbers of their residues in files.
  package var foldChains: [FoldChain] {
    let layout = numbering == .model ? self.layout : nil
    var start = 0
    return chains.indices.map { place in
      let count = chains[place].count
      defer { start += count }
      let numbers =
        layout.map { layout in layout.chains[place].map { layout.residueIndex[$0] + 1 } }
        ?? residueNumbers?[place] ?? (0..<count).map { $0 + 1 }
      return FoldChain(id: ChainName.of(place), residues: start..<start + count, numbers: numbers)
    }
  }

  private static let glycine = ResidueType(letter: UInt8(ascii: "G"))
  /// As in Meta's program (esm: esmfold/v1/misc.py, batch_encode_sequences).
  public static let defaultLinkerLength = 25, defaultResidueOffset = 512
  /// Far more recycles than are useful.
  public static let maximumRecycles = 1000
}
