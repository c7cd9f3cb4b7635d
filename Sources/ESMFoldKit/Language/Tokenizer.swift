// From text to token ids and back (transformers: EsmTokenizer).

package import Protein

/// The tokens of a model, and how a sequence is cut into them.
///
///     let ids = model.tokenizer.encode("MKT<mask>YIA")   // <cls> M K T <mask> Y I A <eos>
///
/// Ids are those of transformers' `EsmTokenizer` with one exception. Where it makes one `<unk>` of a run of characters
/// that are in no token (`MKJJJAC`: 5 tokens for 7 residues), so that every position after them is shifted, this one
/// makes an `<unk>` of each character. Tokens are case sensitive; spaces separate tokens and are not tokens.
public struct Tokenizer: Sendable, Equatable {
  /// The tokens in the order of their ids.
  public let tokens: [String]
  /// Ids of the special tokens: beginning, padding, end, unknown, masked.
  public let cls: Int, pad: Int, eos: Int, unk: Int, mask: Int
  private let ids: [String: Int]
  /// Tokens of several characters, longest first.
  private let long: [(text: [Character], id: Int)]
  /// Tokens of one character.
  private let short: [Character: Int]

  /// The 33 tokens that ESM-1b, ESM-1v and ESM-2 share.
  public static let standard: Tokenizer = {
    guard let tokenizer = Tokenizer(checked: Alphabet.tokens) else {
      preconditionFailure("no standard tokens")
    }
    return tokenizer
  }()

  /// A tokenizer for a list of tokens, such as a config.json's `vocab_list`.
  ///
  /// - Parameter tokens: The tokens in the order of their ids; of two that are the same the last one counts. `<cls>`,
  ///   `<pad>`, `<eos>`, `<unk>` and `<mask>` must be among them.
  /// - Throws: `ModelError.vocabulary`, which names the token that is missing.
  public init(tokens: [String]) throws(ModelError) {
    guard let tokenizer = Tokenizer(checked: tokens) else {
      throw .vocabulary(missing: Self.missingTask(in: tokens) ?? "")
    }
    self = tokenizer
  }

  /// A tokenizer for the text of a `vocab.txt`: one token to a line, blanks around it ignored.
  ///
  /// - Parameter text: The text.
  /// - Throws: `ModelError.vocabulary`, which names the token that is missing.
  public init(vocabulary text: String) throws(ModelError) {
    try self.init(tokens: Self.tokens(inVocabulary: text))
  }

  /// The lines of a `vocab.txt`.
  static func tokens(inVocabulary text: String) -> [String] {
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map(trimmed)
  }

  /// The first special token that a vocabulary lacks.
  static func missingTask(in tokens: [String]) -> String? {
    Alphabet.tasks.first { !tokens.contains($0) }
  }

  private init?(checked tokens: [String]) {
    ids = Dictionary(tokens.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
    guard let cls = ids[Alphabet.cls], let pad = ids[Alphabet.pad], let eos = ids[Alphabet.eos],
      let unk = ids[Alphabet.unk], let mask = ids[Alphabet.mask]
    else { return nil }
    self.tokens = tokens
    (self.cls, self.pad, self.eos, self.unk, self.mask) = (cls, pad, eos, unk, mask)
    long = ids.filter { $0.key.count > 1 }.map { (Array($0.key), $0.value) }.sorted {
      ($0.text.count, $1.id) > ($1.text.count, $0.id)
    }
    short = Dictionary(uniqueKeysWithValues: ids.filter { $0.key.count == 1 }.map { (Character($0.key), $0.value) })
  }

  /// The text of a `vocab.txt`, as the reference's `save_vocabulary` writes it: no newline at its end.
  public var vocabularyText: String { tokens.joined(separator: "\n") }

  /// The ids of a sequence, in which tokens such as `<mask>` may be written.
  ///
  /// - Parameters:
  ///   - text: The sequence.
  ///   - addSpecialTokens: Whether `<cls>` and `<eos>` are put around it.
  /// - Returns: One id for each token, or for each character that is in no token.
  public func encode(_ text: String, addSpecialTokens: Bool = true) -> [Int] {
    let ids = split(text).map(\.id)
    return addSpecialTokens ? [cls] + ids + [eos] : ids
  }

  /// `<cls>`, one token per residue, `<eos>`: what a folding model reads. Of tokens that are the same the first one counts
  /// there, as in the reference (EsmForProteinFolding looks them up with `vocab_list.index`).
  ///
  /// - Parameters:
  ///   - residues: L residues.
  ///   - masked: Places of residues, from 0, that are `<mask>`.
  /// - Returns: L + 2 ids.
  package func encode(_ residues: [ResidueType], masking masked: [Int] = []) -> [Int] {
    func first(_ token: String) -> Int { tokens.firstIndex(of: token) ?? unk }
    let ids = ResidueType.all.map { first(String($0.oneLetter)) }
    var result = [first(Alphabet.cls)] + residues.map { ids[$0.index] } + [first(Alphabet.eos)]
    for place in masked { result[place + 1] = first(Alphabet.mask) }
    return result
  }

  /// The parts that `encode` cuts a sequence into, without added tokens: a token's or an unknown character's text.
  public func tokenize(_ text: String) -> [String] { split(text).map(\.text) }

  private func split(_ text: String) -> [(text: String, id: Int)] {
    let characters = Array(text)
    var parts: [(text: String, id: Int)] = [], place = 0
    while place < characters.count {
      let rest = characters[place...]
      if let token = long.first(where: { rest.starts(with: $0.text) }) {
        parts.append((String(token.text), token.id))
        place += token.text.count
        continue
      }
      let character = characters[place]
      if let id = short[character] {
        parts.append((String(character), id))
      } else if !Self.isBlank(character) {
        parts.append((String(character), unk))
      }
      place += 1
    }
    return parts
  }

  /// The id of a token, that of `<unk>` for any other text.
  public func id(of token: String) -> Int { ids[token] ?? unk }

  /// The token of an id, `<unk>` for any other number.
  public func token(of id: Int) -> String { tokens.indices.contains(id) ? tokens[id] : tokens[unk] }

  /// The tokens of ids, with a blank between two, as the reference's `decode` writes them.
  public func decode(_ ids: [Int]) -> String { ids.map(token(of:)).joined(separator: " ") }

  /// Which tokens of `encode(text)` were added around the sequence: 1 for these, 0 for the others.
  ///
  /// - Parameter count: Tokens of the sequence itself.
  /// - Returns: count + 2 numbers.
  public func specialTokensMask(count: Int) -> [Int] { [1] + [Int](repeating: 0, count: max(0, count)) + [1] }

  /// Which ids are those of special tokens, wherever they come from: 1 for these, 0 for the others.
  ///
  /// This is the reference's mask for ids that have their special tokens; a `<mask>` or `<unk>` inside counts too.
  public func specialTokensMask(of ids: [Int]) -> [Int] {
    ids.map { [cls, pad, eos, unk, mask].contains($0) ? 1 : 0 }
  }

  /// What separates tokens: white space, and the separators that the reference's language counts among it.
  private static func isBlank(_ character: Character) -> Bool {
    character.isWhitespace || ("\u{1c}"..."\u{1f}").contains(character)
  }

  private static func trimmed(_ line: Substring) -> String {
    let end = line.lastIndex { !isBlank($0) }.map { line.index(after: $0) } ?? line.startIndex
    return String(line[..<end].drop(while: isBlank))
  }

  /// Two tokenizers with the same tokens are the same.
  public static func == (one: Tokenizer, other: Tokenizer) -> Bool { one.tokens == other.tokens }
}
