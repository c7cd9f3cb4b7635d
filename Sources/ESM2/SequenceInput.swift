// One sequence as a language model takes it (transformers: the arguments of EsmModel.forward).

package import Tensors

/// Tokens or states, and where the model is told otherwise, their positions and which of them are attended to.
package struct SequenceInput: Sendable {
  /// What enters the model.
  package enum Content: Sendable {
    /// Token ids.
    case tokens([Int])
    /// The first hidden state [T, C] itself (`inputs_embeds`): neither positions nor a norm are added to it.
    case states(Tensor<2>)
  }

  package let content: Content
  /// `position_ids`: rows of the table of learned positions, or multiples of the rotary angles; `nil` for those that
  /// follow from the tokens.
  package let positions: [Int]?
  /// `attention_mask` as the places that are attended to, ascending; `nil` for all.
  package let keys: [Int]?

  package init(_ content: Content, positions: [Int]? = nil, keys: [Int]? = nil) {
    self.content = content
    self.positions = positions
    self.keys = keys
    precondition(positions?.count ?? count == count && keys?.isEmpty != true)
  }

  /// The number of rows.
  package var count: Int {
    switch content {
    case .tokens(let tokens): tokens.count
    case .states(let states): states.shape[0]
    }
  }

  /// The ids; none for states.
  package var tokens: [Int] {
    switch content {
    case .tokens(let tokens): tokens
    case .states: []
    }
  }

  /// For each row whether nothing attends to it; `nil` where all are attended to.
  package var isHidden: [Bool]? {
    keys.map { keys in
      var hidden = [Bool](repeating: true, count: count)
      for key in keys { hidden[key] = false }
      return hidden
    }
  }
}

/// The rows of a sequence in a batch, and which of them are attended to.
package struct SequenceRows: Sendable {
  package let rows: Range<Int>
  /// The rows that are attended to, counted from the sequence's first; `nil` for all.
  package let keys: [Int]?

  package init(_ rows: Range<Int>, keys: [Int]? = nil) {
    self.rows = rows
    self.keys = keys
  }
}
