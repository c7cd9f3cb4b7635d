// From token ids to the first hidden state (transformers: EsmEmbeddings).

import Tensors
package import Weights

/// Word embeddings, token dropout, learned positions and the norm before the first layer, as the configuration asks.
package struct TokenEmbeddings: Sendable {
  /// [vocabulary, C], stored type.
  private let words: Tensor<2>
  /// [positions, C] for learned positions.
  private let positions: Tensor<2>?
  private let norm: LayerNorm?
  private let configuration: LanguageModelConfiguration

  package init(_ w: WeightScope, configuration: LanguageModelConfiguration) throws(WeightError) {
    let c = configuration.hiddenSize
    self.configuration = configuration
    words = try w.tensor("word_embeddings.weight", [configuration.vocabularySize, c])
    positions =
      configuration.positions == .absolute
      ? try w.tensor("position_embeddings.weight", [configuration.maximumPositions, c]) : nil
    norm =
      configuration.normalizesEmbeddings
      ? try LayerNorm(w["layer_norm"], c, epsilon: configuration.layerNormEpsilon) : nil
  }

  /// Learned positions start at the padding id + 1: that many rows of the table are never used.
  private var firstPosition: Int { (configuration.padTokenID ?? 0) + 1 }

  /// The longest token sequence with a position for every token.
  var maximumTokens: Int? { positions.map { $0.shape[0] - firstPosition } }

  /// rows = the first hidden state of one sequence, [T, C].
  func embed(_ input: SequenceInput, into rows: Rows) {
    precondition(input.count == rows.count)
    guard case .tokens(let tokens) = input.content else {
      // As in the reference, states pass all of this by.
      if case .states(let states) = input.content { rows.copy(Rows(states)) }
      return
    }
    copyWords(of: tokens, into: rows)
    if configuration.dropsTokens { dropTokens(tokens, attended: input.keys?.count ?? tokens.count, rows) }
    if let positions { add(positions, input.positions ?? places(of: tokens), rows) }
    norm?(rows, into: rows)
    for (row, isHidden) in (input.isHidden ?? []).enumerated() where isHidden { rows.rows(row..<row + 1).fill(0) }
  }

  /// The embeddings of tokens as they are stored, [T, C].
  func words(of tokens: [Int]) -> Tensor<2> {
    let found = Tensor<2>([tokens.count, configuration.hiddenSize])
    copyWords(of: tokens, into: Rows(found))
    return found
  }

  private func copyWords(of tokens: [Int], into rows: Rows) {
    let table = Rows(words)  // [vocabulary, C]
    for (row, token) in tokens.enumerated() { rows.rows(row..<row + 1).copy(table.rows(token..<token + 1)) }
  }

  /// The learned position of every token. As in the reference, a `<pad>` in the input has the position of the padding,
  /// and later tokens do not count it.
  private func places(of tokens: [Int]) -> [Int] {
    precondition(tokens.count <= maximumTokens ?? tokens.count)
    var next = firstPosition
    return tokens.map { token in
      let isPadding = token == configuration.padTokenID
      let place = isPadding ? token : next
      if !isPadding { next += 1 }
      return place
    }
  }

  /// Adds the learned vectors of positions.
  private func add(_ positions: Tensor<2>, _ places: [Int], _ rows: Rows) {
    let table = Rows(positions)  // [positions, C]
    for (row, place) in places.enumerated() {
      Kernels.active.add(table.rows(place..<place + 1), to: rows.rows(row..<row + 1))
    }
  }

  /// Zeroes `<mask>` and rescales by the share of tokens left unmasked in training over the share unmasked here: of
  /// those that are attended to, as in the reference.
  private func dropTokens(_ tokens: [Int], attended: Int, _ rows: Rows) {
    var masked = 0
    for (row, token) in tokens.enumerated() where token == configuration.maskTokenID {
      rows.rows(row..<row + 1).fill(0)
      masked += 1
    }
    let kept = Float(1 - 0.15 * 0.8)
    let ratio = Float(masked) / Float(attended)
    guard ratio != 1 else { return }
    for row in 0..<rows.count {
      let values = rows.values(ofRow: row)
      for column in values.indices { values[column] = values[column] * kept / (1 - ratio) }
    }
  }
}
