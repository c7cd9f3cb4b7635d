// What a language model can be given beside plain tokens (transformers: the arguments of EsmModel.forward).

import ESM2
import Tensors

extension ESM {
  /// One sequence for a model.
  ///
  ///     var input = ESM.Input(tokens: model.tokenizer.encode("MKTV"))
  ///     input.positions = [100, 101, 102, 103, 104, 105]
  public struct Input: Sendable {
    /// Token ids, `<cls>` and `<eos>` included where they are wanted; `nil` for embeddings.
    public let tokens: [Int]?
    /// State 0 itself, [tokens, hidden size] (`inputs_embeds`); `nil` for tokens.
    public let embeddings: Matrix?
    /// The position of every token (`position_ids`): the row of the table of learned positions (ESM-1b, ESM-1v), or the
    /// multiple of the rotary angles (ESM-2). `nil` for the usual ones: from 0 in ESM-2, from the padding id + 1 in
    /// ESM-1b and ESM-1v.
    public var positions: [Int]?
    /// Whether a token is attended to (`attention_mask`); `nil` for all. The other tokens are read, too: each has its
    /// states, made of what it attends to.
    public var attentionMask: [Bool]?

    /// An input of token ids.
    public init(tokens: [Int], positions: [Int]? = nil, attentionMask: [Bool]? = nil) {
      self.tokens = tokens
      embeddings = nil
      self.positions = positions
      self.attentionMask = attentionMask
    }

    /// An input of embeddings.
    ///
    /// As in the reference, they are the first hidden state as they are: nothing is rescaled for masks, and neither
    /// learned positions nor the norm before the first layer are applied. State 0 of a reading of tokens gives the same
    /// results as the tokens.
    public init(embeddings: Matrix, positions: [Int]? = nil, attentionMask: [Bool]? = nil) {
      tokens = nil
      self.embeddings = embeddings
      self.positions = positions
      self.attentionMask = attentionMask
    }

    /// The number of tokens.
    public var count: Int { tokens?.count ?? embeddings?.rows ?? 0 }
  }

  /// Checks an input before anything is computed.
  func check(_ input: Input, _ wanted: Wanted) throws(ModelError) {
    guard input.count > 0 else { throw .emptySequence }
    if let tokens = input.tokens {
      if input.positions == nil, let longest = description.maximumTokens, tokens.count > longest {
        throw .tooManyTokens(count: tokens.count, longest: longest)
      }
      try checkVocabulary(tokens)
    } else if let embeddings = input.embeddings {
      guard embeddings.columns == description.hiddenSize else {
        throw .input(
          part: "embeddings", found: "\(embeddings.columns) columns", expected: "\(description.hiddenSize), the model's"
        )
      }
      guard !wanted.contacts else {
        throw .input(part: "contacts", found: "embeddings", expected: "tokens, whose ends have no contacts")
      }
    }
    try check(positions: input)
    guard let mask = input.attentionMask else { return }
    guard mask.count == input.count, mask.contains(true) else {
      throw .input(
        part: "attention mask", found: mask.contains(true) ? "\(mask.count) values" : "no token that is attended to",
        expected: mask.contains(true) ? "\(input.count), one for each token" : "at least one")
    }
  }

  private func check(positions input: Input) throws(ModelError) {
    guard let positions = input.positions else { return }
    guard positions.count == input.count else {
      throw .input(part: "positions", found: "\(positions.count)", expected: "\(input.count), one for each token")
    }
    guard model.configuration.positions == .absolute else { return }
    guard input.tokens != nil else {
      throw .input(
        part: "positions", found: "positions of embeddings",
        expected: "none: learned positions are a part of the embeddings")
    }
    let rows = model.configuration.maximumPositions
    guard let other = positions.first(where: { !(0..<rows).contains($0) }) else { return }
    throw .input(part: "positions", found: "\(other)", expected: "0 to \(rows - 1), as many as the model has learned")
  }
}

extension SequenceInput {
  /// A checked input. A mask that hides nothing is none.
  init(_ input: ESM.Input) {
    let mask = input.attentionMask ?? []
    self.init(
      input.embeddings.map { .states(Tensor([$0.rows, $0.columns], $0.values)) } ?? .tokens(input.tokens ?? []),
      positions: input.positions, keys: mask.contains(false) ? mask.indices.filter { mask[$0] } : nil)
  }
}
