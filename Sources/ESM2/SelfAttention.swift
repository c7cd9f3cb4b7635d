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
  ///   - sequences: The rows of each sequence, which attends only to itself.
  ///   - rotary: Tables [T, d / 2], or `nil` for learned positions.
  ///   - work: Buffers for this many tokens.
  ///   - threads: The threads to use.
  func add(
    _ x: Tensor<2>, to h: Tensor<2>, sequences: [Range<Int>], rotary: (cosines: Tensor<2>, sines: Tensor<2>)?,
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
    threads.forEach(heads * sequences.count) { index, worker in
      var taker = scratch.taker(worker)
      let head = index % heads, sequence = sequences[index / heads]
      let columns = head * d..<(head + 1) * d
      let rows = Rows(qkv).rows(sequence)  // [t, 3C]
      // x is no longer needed: its memory takes the result.
      let o = Rows(context).rows(sequence).columns(columns)  // [t, d]
      attention.attend(
        q: rows.columns(0..<c).columns(columns), k: rows.columns(c..<2 * c).columns(columns),
        v: rows.columns(2 * c..<3 * c).columns(columns), bias: nil, into: o, scratch: &taker)
    }
    output(context, into: h, adding: true, scratch: scratch, threads: threads)
  }

  /// The attention weights of one sequence; call it after `add`, before the buffers are reused.
  ///
  /// - Parameters:
  ///   - maps: [heads, T, T], written.
  ///   - sequence: The T rows of the sequence.
  ///   - isRotary: Whether queries and keys were rotated, in which case the queries are already scaled.
  ///   - work: The buffers that `add` was given.
  ///   - threads: The threads to use.
  func maps(
    into maps: Tensor<3>, sequence: Range<Int>, isRotary: Bool, work: borrowing LanguageModelWorkspace, threads: Threads
  ) {
    let qkv = work.qkv, scratch = work.scratch
    let c = qkv.shape[1] / 3, d = c / heads
    let attention = Attention(scale: scoreScale(isRotary: isRotary, width: d), precision: precision)
    threads.forEach(heads) { head, worker in
      var taker = scratch.taker(worker)
      let columns = head * d..<(head + 1) * d
      let rows = Rows(qkv).rows(sequence)  // [t, 3C]
      attention.weights(
        q: rows.columns(0..<c).columns(columns), k: rows.columns(c..<2 * c).columns(columns),
        into: maps.matrix(head), scratch: &taker)
    }
  }

  /// The factor of q kᵀ: rotated queries are scaled already.
  private func scoreScale(isRotary: Bool, width d: Int) -> Float { isRotary ? 1 : 1 / Float(d).squareRoot() }

  func discardPages() {
    for layer in [query, key, value, output] { layer.discardPages() }
  }
}
