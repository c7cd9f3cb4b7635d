// What the steps of invariant point attention share, by name and shape.

import Tensors

/// Buffers of invariant point attention for L residues, H heads of width d, P_q query and P_v value points.
///
/// Points are blocks of coordinates: all x, then all y, then all z, in each block head by head.
package struct PointAttentionBuffers: Sendable {
  /// Scalar queries, [L, H d].
  let q: Tensor<2>
  /// Scalar keys and values, head by head, [L, H 2d].
  let kv: Tensor<2>
  /// Query points, [L, 3 H P_q].
  let qPoints: Tensor<2>
  /// Key and value points, head by head, [L, 3 H (P_q + P_v)].
  let kvPoints: Tensor<2>
  /// √(1/3) · linear_b(z), [H, L, L], the same in every iteration.
  let bias: Tensor<3>
  /// Attention weights, [H, L, L].
  let a: Tensor<3>
  /// What linear_out reads, [L, H (d + 4 P_v + c_z)]: o of all heads; x, y, z and norm of all heads' points; o_pair of
  /// all heads.
  let features: Tensor<2>

  /// - Parameters:
  ///   - l: Residues.
  ///   - configuration: The module's sizes.
  ///   - b: At least 2 H L², for biases and weights.
  ///   - memory: Makes all other buffers.
  init(length l: Int, configuration: StructureModuleConfiguration, b: Tensor<1>, memory: inout Allocation) {
    let h = configuration.heads, d = configuration.headWidth
    let pq = configuration.queryPoints, pv = configuration.valuePoints
    q = memory.tensor([l, h * d])
    kv = memory.tensor([l, 2 * h * d])
    qPoints = memory.tensor([l, 3 * h * pq])
    kvPoints = memory.tensor([l, 3 * h * (pq + pv)])
    bias = b.viewed(as: [h, l, l])
    a = b.viewed(as: [h, l, l], from: bias.count)
    features = memory.tensor([l, configuration.featureWidth])
  }
}

extension StructureModuleConfiguration {
  /// Width of what the attention gathers: scalars, points (x, y, z, norm) and pairs of every head.
  var featureWidth: Int { heads * (headWidth + 4 * valuePoints + pairWidth) }
}
