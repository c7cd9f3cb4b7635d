// The two-layer perceptron of the pair state (transformers: EsmFoldResidueMLP; AlphaFold 2, algorithm 15).

package import Tensors
package import Weights

/// z += linear(relu(linear(norm(z)))), inside one tile of pairs.
package struct PairTransition: Sendable {
  private let norm: LayerNorm, expand: PackedLinear, contract: PackedLinear

  package init(_ w: WeightScope, cZ: Int, precision: Precision) throws(WeightError) {
    let mlp = w["mlp"]
    norm = try LayerNorm(mlp[0], cZ)
    expand = PackedLinear(inputs: cZ, [try PackedLinear.Layer(mlp[1], cZ, 4 * cZ)], precision)
    contract = PackedLinear(inputs: 4 * cZ, [try PackedLinear.Layer(mlp[3], 4 * cZ, cZ)], precision)
  }

  /// z: [L, L, c_z].
  package func add(to z: Tensor<3>, work: borrowing Workspace, threads: Threads) {
    let scratch = work.scratch
    PairTile.forEach(length: work.length, threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let x = taker.rows(tile.count, expand.inputs)
      let hidden = taker.operand(tile.count, expand.outputs, contract.precision)
      let pairs = z.row(i).rows(tile)
      norm(pairs, into: x)
      expand(taker.operand(x, expand.precision), into: hidden, activation: .relu)
      contract(hidden, into: pairs, adding: true)
    }
  }
}
