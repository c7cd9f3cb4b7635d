// The two-layer perceptron of the pair state (transformers: EsmFoldResidueMLP; AlphaFold 2, algorithm 15).

package import Tensors
package import Weights

/// z += linear(relu(linear(norm(z)))), inside one tile of pairs. Numbers of lines are those of the algorithm.
package struct PairTransition: Sendable {
  private let norm: LayerNorm, expand: PackedLinear, contract: PackedLinear

  package init(_ w: WeightScope, cZ: Int, precision: Precision) throws(WeightError) {
    let mlp = w["mlp"]
    norm = try LayerNorm(mlp[0], cZ)
    expand = PackedLinear(inputs: cZ, [try PackedLinear.Layer(mlp[1], cZ, 4 * cZ)], precision)
    contract = PackedLinear(inputs: 4 * cZ, [try PackedLinear.Layer(mlp[3], 4 * cZ, cZ)], precision)
  }

  /// z += update(z), z: [L, L, c_z].
  package func add(to z: Tensor<3>, work: borrowing Workspace, threads: Threads) {
    let scratch = work.scratch
    PairTile.forEach(length: work.length, threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let (x, rounded, a) = Self.windows(tile.count, cZ: expand.inputs, expand.precision, &taker)
      let pairs = z.row(i).rows(tile)  // [tile, c_z]
      norm(pairs, into: x)  // line 1
      expand(Kernels.active.operand(x, in: rounded), into: a, activation: .relu)  // line 2
      contract(a, into: pairs, adding: true)  // line 3
    }
  }

  /// A tile's norms x, [tile, c_z], the same in the products' format, and the perceptron's inside a, [tile, 4 c_z].
  private static func windows(
    _ tile: Int, cZ: Int, _ precision: Precision, _ taker: inout Scratch.Taker
  ) -> (x: Rows, rounded: Operand, a: Operand) {
    (taker.rows(tile, cZ), taker.operand(tile, cZ, precision), taker.operand(tile, 4 * cZ, precision))
  }

  /// Scratch floats per thread.
  static func scratchFloats(_ configuration: TrunkConfiguration, _ precision: Precision) -> Int {
    Scratch.floats { _ = windows(PairTile.rows, cZ: configuration.pairWidth, precision, &$0) }
  }
}
