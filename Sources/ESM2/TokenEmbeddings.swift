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

  /// rows = embedding of one sequence's tokens, [T, C].
  func embed(_ tokens: [Int], into rows: Rows) {
    precondition(tokens.count == rows.count && tokens.count <= maximumTokens ?? tokens.count)
    let table = Rows(words)  // [vocabulary, C]
    for (row, token) in tokens.enumerated() { rows.rows(row..<row + 1).copy(table.rows(token..<token + 1)) }
    if configuration.dropsTokens { dropTokens(tokens, rows) }
    if let positions { add(positions, tokens, rows) }
    norm?(rows, into: rows)
  }

  /// Adds the learned vector of every token's position. As in the reference, a `<pad>` in the input has the
  /// position of the padding, and later tokens do not count it.
  private func add(_ positions: Tensor<2>, _ tokens: [Int], _ rows: Rows) {
    let table = Rows(positions)  // [positions, C]
    var next = firstPosition
    for (row, token) in tokens.enumerated() {
      let isPadding = token == configuration.padTokenID
      let place = isPadding ? token : next
      Kernels.active.add(table.rows(place..<place + 1), to: rows.rows(row..<row + 1))
      if !isPadding { next += 1 }
    }
  }

  /// Zeroes `<mask>` and rescales by the share of tokens left unmasked in training over the share unmasked here.
  private func dropTokens(_ tokens: [Int], _ rows: Rows) {
    var masked = 0
    for (row, token) in tokens.enumerated() where token == configuration.maskTokenID {
      rows.rows(row..<row + 1).fill(0)
      masked += 1
    }
    let kept = Float(1 - 0.15 * 0.8)
    let ratio = Float(masked) / Float(tokens.count)
    guard ratio < 1 else { return }
    for row in 0..<rows.count {
      for column in 0..<rows.columns { rows[row, column] = rows[row, column] * kept / (1 - ratio) }
    }
  }
}
