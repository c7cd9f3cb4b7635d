// The tokens of a model and how residues map to them.

package import Protein
package import Weights

/// The list of tokens of an ESM model, in the order of their ids.
package struct Vocabulary: Sendable, Equatable {
  package let tokens: [String]
  /// Ids of the tokens that frame a sequence.
  package let cls: Int, pad: Int, eos: Int, mask: Int
  /// Ids of the residue types, X last.
  private let residueIDs: [Int]

  /// The 33 tokens shared by ESM-1b, ESM-1v and ESM-2.
  package static let standardTokens =
    ["<cls>", "<pad>", "<eos>", "<unk>"] + "LAGVSERTIDPKQNFYMHWCXBUZO.-".map(String.init) + ["<null_1>", "<mask>"]

  /// Reads a `vocab_list`. It must hold the framing tokens and all residue letters.
  package init(_ tokens: [String]) throws(ConfigurationError) {
    func index(_ token: String) throws(ConfigurationError) -> Int {
      guard let index = tokens.firstIndex(of: token) else {
        throw .unsupported(
          field: "vocab_list", found: "no \"\(token)\"", expected: "the special tokens and the residue letters")
      }
      return index
    }
    self.tokens = tokens
    cls = try index("<cls>")
    pad = try index("<pad>")
    eos = try index("<eos>")
    mask = try index("<mask>")
    var residueIDs: [Int] = []
    for type in ResidueType.all { residueIDs.append(try index(String(type.oneLetter))) }
    self.residueIDs = residueIDs
  }

  /// The token id of a residue.
  package func id(of residue: ResidueType) -> Int { residueIDs[residue.index] }

  /// `<cls>`, one token per residue, `<eos>`.
  package func encode(_ residues: [ResidueType]) -> [Int] { [cls] + residues.map(id(of:)) + [eos] }
}
