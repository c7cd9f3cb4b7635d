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
    let isEnd = tokens.map { $0 == Self.endToken }
    let rowSums = Tensor<2>([heads, n]), totals = Tensor<1>([heads])  // [heads, n], [heads]
    let weights = weights, heads = heads
    threads.forEach(heads) { head, _ in
      let map = maps.matrix(head).rows(1..<n + 1).columns(1..<n + 1)  // a, [n, n]
      Self.symmetrize(map, isEnd: isEnd, rowSums: Rows(rowSums).rows(head..<head + 1), total: totals.pointer + head)
    }
    threads.forEachTile(of: n, size: 16) { tile, _ in
      for head in 0..<heads {
        let map = maps.matrix(head).rows(1..<n + 1).columns(1..<n + 1)
        let weight = weights[layer * heads + head], total = totals[head]
        // A map of zeros needs no correction.
        let reciprocal = total == 0 ? 0 : 1 / total
        let sums = Rows(rowSums).rows(head..<head + 1)
        let target = Rows(sum)
        for i in tile {
          let factor = sums[0, i] * reciprocal
          for j in 0..<n { target[i, j] += weight * (map[i, j] - factor * sums[0, j]) }
        }
      }
    }
    withExtendedLifetime((rowSums, totals, sum, maps)) {}
  }

  /// map = map + mapᵀ without the sequence's ends, in place; returns its row sums and their total.
  private static func symmetrize(
    _ map: Rows, isEnd: [Bool], rowSums: Rows, total: UnsafeMutablePointer<Float>
  ) {
    let n = map.count
    for i in 0..<n {
      for j in i..<n {
        let value = isEnd[i + 1] || isEnd[j + 1] ? 0 : map[i, j] + map[j, i]
        map[i, j] = value
        map[j, i] = value
      }
    }
    // In double, because the sums are much larger than their differences.
    var all = 0.0
    for i in 0..<n {
      var sum = 0.0
      for j in 0..<n { sum += Double(map[i, j]) }
      rowSums[0, i] = Float(sum)
      all += sum
    }
    total.pointee = Float(all)
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
