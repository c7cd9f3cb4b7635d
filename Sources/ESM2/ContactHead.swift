// Contacts as a regression on attention maps (transformers: EsmContactPredictionHead).

import Glibc
package import Tensors
package import Weights

/// Probability of a contact: σ(b + Σ over maps of w · APC(a + aᵀ)).
///
/// The regression is linear, so each map is added as soon as its layer has run; the maps of all layers are never held.
package struct ContactHead: Sendable {
  /// [layers · heads], the heads of layer 0 first.
  private let weights: [Float]
  private let bias: Float
  private let heads: Int

  /// Binds `regression` in a scope.
  package init(_ w: WeightScope, configuration: LanguageModelConfiguration) throws(WeightError) {
    heads = configuration.heads
    weights = try w.floats("regression.weight", [1, configuration.layers * heads])
    bias = try w.floats("regression.bias", [1])[0]
  }

  /// The id that the reference takes for the end of a sequence, whatever the vocabulary says.
  package static let endToken = 2

  /// Adds one layer's maps to the sum of a sequence.
  ///
  /// The first and last tokens are left out, and so is any `<eos>` in between.
  ///
  /// - Parameters:
  ///   - maps: [heads, T, T]; overwritten.
  ///   - layer: The layer, from 0.
  ///   - tokens: The T tokens.
  ///   - sum: [max(T − 2, 0), max(T − 2, 0)].
  ///   - threads: The threads to use.
  package func add(_ maps: Tensor<3>, layer: Int, tokens: [Int], to sum: Tensor<2>, threads: Threads) {
    let n = sum.shape[0]
    guard n > 0 else { return }
    let ends = (0..<n).filter { tokens[$0 + 1] == Self.endToken }
    let rowSums = Tensor<2>([heads, n]), totals = Tensor<1>([heads])  // [heads, n], [heads]
    let weights = weights, heads = heads
    threads.forEach(heads) { head, _ in
      let map = maps.matrix(head).rows(1..<n + 1).columns(1..<n + 1)  // a, [n, n]
      let sums = Rows(rowSums).values(ofRow: head)
      Self.symmetrize(map, without: ends)
      totals.pointer[head] = Self.sumRows(map, into: sums)
    }
    threads.forEachTile(of: n, size: 16) { tile, _ in
      for head in 0..<heads {
        let map = maps.matrix(head).rows(1..<n + 1).columns(1..<n + 1)
        let weight = weights[layer * heads + head], total = totals[head]
        // A map of zeros needs no correction.
        let reciprocal = total == 0 ? 0 : 1 / total
        let sums = Rows(rowSums).values(ofRow: head)
        for i in tile {
          let factor = sums[i] * reciprocal, row = map.values(ofRow: i), target = Rows(sum).values(ofRow: i)
          for j in 0..<n { target[j] += weight * (row[j] - factor * sums[j]) }
        }
      }
    }
    withExtendedLifetime((rowSums, totals, sum, maps)) {}
  }

  /// map = map + mapᵀ in place, and 0 in rows and columns of ends within the sequence.
  private static func symmetrize(_ map: Rows, without ends: [Int]) {
    let n = map.count, side = 32
    // In squares, so that what is read by columns stays in cache.
    for top in stride(from: 0, to: n, by: side) {
      for left in stride(from: top, to: n, by: side) {
        for i in top..<min(top + side, n) {
          let row = map.values(ofRow: i)
          for j in max(i, left)..<min(left + side, n) {
            let mirrored = map.values(ofRow: j)
            let value = row[j] + mirrored[i]
            row[j] = value
            mirrored[i] = value
          }
        }
      }
    }
    for end in ends {
      map.rows(end..<end + 1).fill(0)
      map.columns(end..<end + 1).fill(0)
    }
  }

  /// The sums of a symmetric map's rows, and of all its values.
  private static func sumRows(_ map: Rows, into sums: UnsafeMutableBufferPointer<Float>) -> Float {
    // In double, because the sums are much larger than their differences. A row's sum is that of the equal column, which all
    // columns take a row at a time.
    withUnsafeTemporaryAllocation(of: Double.self, capacity: map.count) { columns in
      columns.initialize(repeating: 0)
      for i in 0..<map.count {
        let row = map.values(ofRow: i)
        for j in 0..<map.count { columns[j] += Double(row[j]) }
      }
      for (row, sum) in columns.enumerated() { sums[row] = Float(sum) }
      return Float(columns.reduce(0, +))
    }
  }

  /// Probabilities of a sum over all layers, in place.
  package func finish(_ sum: Tensor<2>) {
    let rows = Rows(sum)
    for i in 0..<rows.count {
      for j in 0..<rows.columns { rows[i, j] = 1 / (1 + expf(-(rows[i, j] + bias))) }
    }
    withExtendedLifetime(sum) {}
  }
}
