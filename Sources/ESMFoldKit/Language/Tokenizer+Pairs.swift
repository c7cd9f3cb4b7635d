// Two sequences in one (transformers: EsmTokenizer.build_inputs_with_special_tokens and what belongs to it).

extension Tokenizer {
  /// `<cls>` first `<eos>`, and after it second `<eos>`: the vocabulary has no separator of its own.
  ///
  /// - Parameters:
  ///   - first: The ids of a sequence, without added tokens.
  ///   - second: Those of another one; `nil` for none.
  /// - Returns: The ids that a model reads.
  public func buildInputs(_ first: [Int], _ second: [Int]? = nil) -> [Int] {
    [cls] + first + [eos] + (second.map { $0 + [eos] } ?? [])
  }

  /// The ids of two sequences in one, with the tokens of `buildInputs` around them unless these are not wanted.
  public func encode(_ first: String, pair second: String, addSpecialTokens: Bool = true) -> [Int] {
    let (one, two) = (encode(first, addSpecialTokens: false), encode(second, addSpecialTokens: false))
    return addSpecialTokens ? buildInputs(one, two) : one + two
  }

  /// Which of two sequences each token of `buildInputs` belongs to: 0 or 1, the last `<eos>` to the second
  /// (`create_token_type_ids_from_sequences`). The models of the family do not read them.
  public func tokenTypeIDs(_ first: [Int], _ second: [Int]? = nil) -> [Int] {
    [Int](repeating: 0, count: first.count + 2) + [Int](repeating: 1, count: second.map { $0.count + 1 } ?? 0)
  }

  /// Which tokens of `buildInputs` were added around two sequences of `count` and `second` tokens: 1 for these, 0 for the
  /// others.
  public func specialTokensMask(count: Int, _ second: Int) -> [Int] {
    specialTokensMask(count: count) + [Int](repeating: 0, count: max(0, second)) + [1]
  }
}
