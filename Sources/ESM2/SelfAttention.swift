// Multi-head self-attention of the language model (transformers: EsmSelfAttention).

package import Tensors
package import Weights

/// Self-attention over a sequence: projections, rotation, attention per head, output projection.
package struct SelfAttention: Sendable {
  private let query: Linear, key: Linear, value: Linear, output: Linear
  private let heads: Int
  private let precision: Precision

  package init(
    _ w: WeightScope, configuration: LanguageModelConfiguration, precision: Precision
  ) throws(WeightError) {
    let c = configuration.hiddenSize
    query = try Linear(w["self"]["query"], c, c, precision: precision)
    key = try Linear(w["self"]["key"], c, c, precision: precision)
    value = try Linear(w["self"]["value"], c, c, precision: precision)
    output = try Linear(w["output"]["dense"], c, c, precision: precision)
    heads = configuration.heads
    self.precision = precision
  }

  /// h += attention(x).
  ///
  /// - Parameters:
  ///   - x: The normalised states [T, C].
  ///   - h: The residual stream [T, C].
  ///   - sequences: The rows of each sequence, which attends only to itself, or to some of its rows.
  ///   - rotary: Tables [T, d / 2], or `nil` for learned positions.
  ///   - work: Buffers for this many tokens.
  ///   - threads: The threads to use.
  func add(
    _ x: Tensor<2>, to h: Tensor<2>, sequences: [SequenceRows], rotary: (cosines: Tensor<2>, sines: Tensor<2>)?,
    work: borrowing LanguageModelWorkspace, threads: Threads
  ) {
    let c = h.shape[1], d = c / heads
    let qkv = work.qkv, scratch = work.scratch  // q | k | v, [T, C] each
    for (index, layer) in [query, key, value].enumerated() {
      layer(x, into: qkv.columns(index * c..<(index + 1) * c), scratch: scratch, threads: threads)
    }

    if let rotary {
      // The reference scales q before it rotates it.
      let scale = 1 / Float(d).squareRoot()
      threads.forEachTile(of: h.shape[0], size: 16) { tile, _ in
        let cosines = Rows(rotary.cosines).rows(tile), sines = Rows(rotary.sines).rows(tile)
        let rows = Rows(qkv).rows(tile)  // [tile, 3C]
        Kernels.active.rotate(rows.columns(0..<c), heads: heads, scale: scale, cosines: cosines, sines: sines)
        Kernels.active.rotate(rows.columns(c..<2 * c), heads: heads, scale: 1, cosines: cosines, sines: sines)
      }
    }
    let attention = Attention(scale: scoreScale(isRotary: rotary != nil, width: d), precision: precision)
    let context = x
    let attended = sequences.map { attendedKeys($0, qkv) }  // [keys, 2C] each, where they are not all
    threads.forEach(heads * sequences.count) { index, worker in
      var taker = scratch.taker(worker)
      let head = index % heads, sequence = sequences[index / heads]
      let columns = head * d..<(head + 1) * d
      let rows = Rows(qkv).rows(sequence.rows)  // [t, 3C]
      let kv = attended[index / heads].map { Rows($0) } ?? rows.columns(c..<3 * c)
      // x is no longer needed: its memory takes the result.
      let o = Rows(context).rows(sequence.rows).columns(columns)  // [t, d]
      attention.attend(
        q: rows.columns(0..<c).columns(columns), k: kv.columns(0..<c).columns(columns),
        v: kv.columns(c..<2 * c).columns(columns), bias: nil, into: o, scratch: &taker)
    }
    withExtendedLifetime(attended) {}
    output(context, into: h, adding: true, scratch: scratch, threads: threads)
  }

  /// The attention weights of one sequence; call it after `add`, before the buffers are reused.
  ///
  /// - Parameters:
  ///   - maps: [heads, T, T], written.
  ///   - sequence: The T rows of the sequence; what is not attended to has the weight 0.
  ///   - isRotary: Whether queries and keys were rotated, in which case the queries are already scaled.
  ///   - work: The buffers that `add` was given.
  ///   - threads: The threads to use.
  func maps(
    into maps: Tensor<3>, sequence: SequenceRows, isRotary: Bool, work: borrowing LanguageModelWorkspace,
    threads: Threads
  ) {
    let qkv = work.qkv, scratch = work.scratch
    let c = qkv.shape[1] / 3, d = c / heads
    let attention = Attention(scale: scoreScale(isRotary: isRotary, width: d), precision: precision)
    let attended = attendedKeys(sequence, qkv)
    threads.forEach(heads) { head, worker in
      var taker = scratch.taker(worker)
      let columns = head * d..<(head + 1) * d
      let rows = Rows(qkv).rows(sequence.rows)  // [t, 3C]
      let keys = attended.map { Rows($0) } ?? rows.columns(c..<3 * c)
      let map = maps.matrix(head)  // [t, t]
      attention.weights(
        q: rows.columns(0..<c).columns(columns), k: keys.columns(0..<c).columns(columns),
        into: map.columns(0..<keys.count), scratch: &taker)
      if let places = sequence.keys { Self.spread(map, to: places) }
    }
    withExtendedLifetime(attended) {}
  }

  /// Keys and values of the rows that are attended to, side by side, [keys, 2C]; `nil` where these are all rows.
  ///
  /// Leaving the others out is what the reference's mask does: their weights are exactly 0.
  private func attendedKeys(_ sequence: SequenceRows, _ qkv: Tensor<2>) -> Tensor<2>? {
    guard let keys = sequence.keys else { return nil }
    let c = qkv.shape[1] / 3
    let chosen = Tensor<2>([keys.count, 2 * c])
    let all = Rows(qkv).rows(sequence.rows).columns(c..<3 * c)
    for (row, key) in keys.enumerated() { Rows(chosen).rows(row..<row + 1).copy(all.rows(key..<key + 1)) }
    return chosen
  }

  /// Moves the weights in the first columns to their places, and zeroes all others.
  private static func spread(_ map: Rows, to places: [Int]) {
    for row in 0..<map.count {
      let weights = map.values(ofRow: row)
      // Backwards: no place is before the column from which its weight comes.
      var next = map.columns
      for (column, place) in places.enumerated().reversed() {
        let weight = weights[column]
        for other in place + 1..<next { weights[other] = 0 }
        weights[place] = weight
        next = place
      }
      for other in 0..<next { weights[other] = 0 }
    }
  }

  /// The factor of q kᵀ: rotated queries are scaled already.
  private func scoreScale(isRotary: Bool, width d: Int) -> Float { isRotary ? 1 : 1 / Float(d).squareRoot() }

  func discardPages() {
    for layer in [query, key, value, output] { layer.discardPages() }
  }
}
