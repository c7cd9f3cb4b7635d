// What a record costs by its length alone: shards are balanced by it, and `--time-limit` foretells with it.

/// A cost model: a number in proportion to the time that a record of a length takes. Every node must compute the very same
/// numbers, so there are only sums, products and quotients in it, which IEEE 754 rounds the same everywhere.
///
/// The coefficients are those of the operations (`OperationCounts` of the benchmark program), for `bench` shows that parts
/// run at nearly the same share of the processor's peak at all lengths.
package struct RecordCost: Sendable, Equatable {
  package let linear: Double, quadratic: Double, cubic: Double

  package init(linear: Double, quadratic: Double, cubic: Double) {
    (self.linear, self.quadratic, self.cubic) = (linear, quadratic, cubic)
  }

  /// A fold with esmfold_v1 and four passes, in operations on a pair of residues:
  ///
  ///     55 L + L² + L³ / 672
  ///
  /// The language model (5.7·10⁹ L) and the sequence track (192 blocks of 28·10⁶ L) give the first term, the pair track
  /// (192 · 1.03·10⁶ L²) the second, the triangles (192 · 1536 L³) the third; all divided by 198·10⁶.
  package static let folding = RecordCost(linear: 55, quadratic: 1, cubic: 1 / 672)

  /// One pass of a language model:
  ///
  ///     L + L² / 4096
  ///
  /// A layer takes 24 c² L + 4 c L² operations, so attention reaches the rest at 6 c: 1920 tokens for the smallest ESM-2,
  /// 7680 for that of 650 million parameters.
  package static let reading = RecordCost(linear: 1, quadratic: 1 / 4096, cubic: 0)

  /// A pass for each residue: L times `reading`.
  package static let maskedScoring = RecordCost(linear: 0, quadratic: 1, cubic: 1 / 4096)

  /// The cost of a record of `length` residues, those of linkers included; an empty one costs something, too.
  package func of(_ length: Int) -> Double {
    let l = Double(max(1, length))
    return l * (linear + l * (quadratic + l * cubic))
  }
}
