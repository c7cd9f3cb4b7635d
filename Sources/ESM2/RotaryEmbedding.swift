// Rotary position embedding (RoFormer; transformers: EsmRotaryEmbedding).

import Glibc
package import Tensors
package import Weights

/// cos(p · f) and sin(p · f) for every position p and each frequency f of half a head.
package struct RotaryEmbedding: Sendable {
  /// [head width / 2].
  private let inverseFrequencies: [Float]

  /// Where frequencies may be in a language model, `*` for the number of a layer: once, or repeated in every layer as in
  /// files of transformers 4.
  package static let tensorNames = [
    "rotary_embeddings.inv_freq", "encoder.layer.*.attention.self.rotary_embeddings.inv_freq",
  ]

  /// Reads the frequencies from the checkpoint, or computes them when it holds none.
  ///
  /// The released checkpoints hold frequencies that were rounded to float16 in training; recomputing them changes low
  /// digits.
  package init(_ w: WeightScope, configuration: LanguageModelConfiguration) throws(WeightError) {
    let half = configuration.headWidth / 2
    let shared = w["rotary_embeddings"]
    var found: [Float]? = nil
    if shared.contains("inv_freq") { found = try shared.floats("inv_freq", [half]) }
    for layer in 0..<configuration.layers {
      let own = w["encoder"]["layer"][layer]["attention"]["self"]["rotary_embeddings"]
      // The reference uses those of the first layer (by name) for all layers.
      if own.contains("inv_freq") {
        let frequencies = try own.floats("inv_freq", [half])
        found = found ?? frequencies
      }
    }
    inverseFrequencies =
      found ?? (0..<half).map { 1 / powf(configuration.ropeTheta, Float(2 * $0) / Float(configuration.headWidth)) }
  }

  /// The tables for the positions of a batch's rows.
  ///
  /// - Parameter positions: T positions; `<cls>` is at position 0 of its sequence.
  /// - Returns: Two tensors [T, head width / 2].
  package func tables(positions: [Int]) -> (cosines: Tensor<2>, sines: Tensor<2>) {
    let angles = positions.flatMap { position in inverseFrequencies.map { Float(position) * $0 } }
    let shape: [2 of Int] = [positions.count, inverseFrequencies.count]
    return (Tensor(shape, angles.map(cosf)), Tensor(shape, angles.map(sinf)))
  }
}
