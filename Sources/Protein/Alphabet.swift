// The alphabet of the language models (fair-esm: Alphabet "ESM-1b"; transformers: EsmTokenizer), here and nowhere else.

/// The tokens that ESM-1b, ESM-1v and ESM-2 share.
package enum Alphabet {
  /// Tokens with a task: beginning, padding, end, unknown, masked.
  package static let cls = "<cls>", pad = "<pad>", eos = "<eos>", unk = "<unk>", mask = "<mask>"
  /// Those five, in the order in which messages list them.
  package static let tasks = [cls, pad, eos, unk, mask]

  /// The tokens of one letter: amino acids, X, B, U, Z, O, and the two signs of gaps.
  package static let letters = "LAGVSERTIDPKQNFYMHWCXBUZO.-"

  /// The 33 tokens in the order of their ids.
  package static let tokens = [cls, pad, eos, unk] + letters.map(String.init) + ["<null_1>", mask]
  /// The ids of two of them, where no vocabulary says otherwise.
  package static let padID = 1, maskID = 32

  /// The tokens of several characters.
  package static let specialTokens = tokens.filter { $0.utf8.count > 1 }

  private static let isLetter: [Bool] = (0...UInt8.max).map { letters.utf8.contains($0) }

  /// Whether there is a token of this one letter.
  package static func has(letter: UInt8) -> Bool { isLetter[Int(letter)] }
}
