// The two-layer perceptron of the single state (transformers: EsmFoldResidueMLP; AlphaFold 2, algorithm 15).

package import Tensors
package import Weights

/// s += linear(relu(linear(norm(s)))). Numbers of lines are those of the algorithm, which has it for pairs.
package struct SequenceTransition: Sendable {
  private let norm: LayerNorm, expand: Linear, contract: Linear

  package init(_ w: WeightScope, cS: Int, precision: Precision) throws(WeightError) {
    let mlp = w["mlp"]
    norm = try LayerNorm(mlp[0], cS)
    expand = try Linear(mlp[1], cS, 4 * cS, precision: precision, packing: precision.packsSequenceLayers)
    contract = try Linear(mlp[3], 4 * cS, cS, precision: precision, packing: precision.packsSequenceLayers)
  }

  /// s += update(s), s: [L, c_s].
  package func add(to s: Tensor<2>, work: borrowing Workspace, threads: Threads) {
    let x = work.x, a = work.hidden, scratch = work.scratch  // [L, c_s], [L, 4 c_s]
    norm(s, into: x, threads: threads)  // line 1
    expand(x, into: a, activation: .relu, scratch: scratch, threads: threads)  // line 2
    contract(a, into: s, adding: true, scratch: scratch, threads: threads)  // line 3
  }
}
