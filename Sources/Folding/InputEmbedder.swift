// From the language model's states to the trunk's first single state (transformers: EsmForProteinFolding.forward).

import Glibc
package import Protein
package import Tensors
package import Weights

/// s0 = mlp(Σ_i w_i h_i) + embedding(residue), w = softmax(esm_s_combine).
package struct InputEmbedder: Sendable {
  private let stateWeights: [Float]
  private let norm: LayerNorm, linear1: Linear, linear2: Linear
  private let embedding: Tensor<2>?
  private let ablatesSequence: Bool

  /// Reads `esm_s_combine`, `esm_s_mlp` and `embedding`.
  ///
  /// - Parameters:
  ///   - w: The root of the checkpoint.
  ///   - states: Hidden states of the language model, its embedding included.
  ///   - stateWidth: Their width.
  ///   - configuration: The folding head's numbers.
  /// - Throws: A missing or misshapen tensor.
  package init(
    _ w: WeightScope, states: Int, stateWidth: Int, configuration: FoldingConfiguration
  ) throws(WeightError) {
    let cS = configuration.trunk.sequenceWidth
    let logits = try w.floats("esm_s_combine", [states])
    let top = logits.max() ?? 0
    let numerators = logits.map { expf($0 - top) }
    let sum = numerators.reduce(0, +)
    stateWeights = numerators.map { $0 / sum }
    let mlp = w["esm_s_mlp"]
    norm = try LayerNorm(mlp[0], stateWidth)
    linear1 = try Linear(mlp[1], stateWidth, cS)
    linear2 = try Linear(mlp[3], cS, cS)
    embedding =
      configuration.embedsResidues ? try w.tensor("embedding.weight", [ResidueType.all.count + 2, cS]) : nil
    ablatesSequence = configuration.ablatesSequence
  }

  /// Adds the contribution of one hidden state: combined += w_index · rows of the residues.
  ///
  /// - Parameters:
  ///   - index: Which state.
  ///   - state: [T, C], of one sequence or more.
  ///   - rows: The L + 2 rows of this sequence, framing tokens included.
  ///   - combined: [L, C].
  package func accumulate(_ index: Int, _ state: Tensor<2>, rows: Range<Int>, into combined: Tensor<2>) {
    guard !ablatesSequence else { return }
    Kernels.active.add(
      Rows(state).rows(rows.lowerBound + 1..<rows.upperBound - 1), scaledBy: stateWeights[index], to: Rows(combined))
  }

  /// Embeds the combined states [L, C] into the workspace's s0 [L, c_s].
  package func embed(
    _ combined: Tensor<2>, _ residues: [ResidueType], work: borrowing Workspace, threads: Threads
  ) {
    let normal = Tensor<2>(combined.shape)  // [L, C]
    norm(combined, into: normal, threads: threads)
    linear1(normal, into: work.x, activation: .relu, scratch: work.scratch, threads: threads)  // [L, c_s]
    linear2(work.x, into: work.s0, scratch: work.scratch, threads: threads)
    guard let embedding else { return }
    for (i, residue) in residues.enumerated() {
      // The table has a row for padding first, but the reference feeds it unshifted types: alanine reads row 0.
      Kernels.active.add(
        Rows(embedding).rows(residue.index..<residue.index + 1), to: Rows(work.s0).rows(i..<i + 1))
    }
  }
}
