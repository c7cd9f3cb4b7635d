// The two-layer perceptron of the single state (transformers: EsmFoldResidueMLP; AlphaFold 2, algorithm 15).

package import Tensors
package import Weights

/// s += linear(relu(linear(norm(s)))).
package struct SequenceTransition: Sendable {
  private let norm: LayerNorm, expand: Linear, contract: Linear

  package init(_ w: WeightScope, cS: Int, precision: Precision) throws(WeightError) {
    let mlp = w["mlp"]
    norm = try LayerNorm(mlp[0], cS)
    expand = try Linear(mlp[1], cS, 4 * cS, precision: precision, packing: precision.packsSequenceLayers)
    contract = try Linear(mlp[3], 4 * cS, cS, precision: precision, packing: precision.packsSequenceLayers)
  }

  /// s: [L, c_s].
  package func add(to s: Tensor<2>, work: borrowing Workspace, threads: Threads) {
    norm(s, into: work.x, threads: threads)
    expand(work.x, into: work.hidden, activation: .relu, scratch: work.scratch, threads: threads)
    contract(work.hidden, into: s, adding: true, scratch: work.scratch, threads: threads)
  }
}
