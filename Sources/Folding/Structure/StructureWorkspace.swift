// The structure module's activation buffers, by name and shape.

import Tensors

/// Buffers that grow with L alone; the pair-sized ones are in `Workspace`.
package struct StructureWorkspace: ~Copyable {
  /// The module's single state s, [L, c].
  let s: Tensor<2>
  /// s after layer_norm_s, [L, c]: the angle network's second input.
  let initial: Tensor<2>
  /// Scratch states, [L, c].
  let single: Tensor<2>, hidden: Tensor<2>
  /// Scalar queries [L, H d], keys and values [L, H 2d].
  let q: Tensor<2>, kv: Tensor<2>
  /// Query points [L, 3 H P_q]; key and value points [L, 3 H (P_q + P_v)]; each as blocks x, y, z.
  let qPoints: Tensor<2>, kvPoints: Tensor<2>
  /// What the attention gathers for linear_out, [L, H (d + 4 P_v + c_z)].
  let features: Tensor<2>
  /// Inside of the angle network, [L, resnet].
  let resnet: Tensor<2>, resnetInput: Tensor<2>, resnetHidden: Tensor<2>
  /// (sin, cos) of seven angles, [L, 14].
  let unnormalizedAngles: Tensor<2>, angles: Tensor<2>
  /// bb_update's six numbers, [L, 6].
  let update: Tensor<2>

  package init(length: Int, configuration: StructureModuleConfiguration) {
    let widths = Self.widths(configuration)
    func matrix(_ index: Int) -> Tensor<2> { Tensor([length, widths[index]]) }
    s = matrix(0)
    initial = matrix(1)
    single = matrix(2)
    hidden = matrix(3)
    q = matrix(4)
    kv = matrix(5)
    qPoints = matrix(6)
    kvPoints = matrix(7)
    features = matrix(8)
    resnet = matrix(9)
    resnetInput = matrix(10)
    resnetHidden = matrix(11)
    unnormalizedAngles = matrix(12)
    angles = matrix(13)
    update = matrix(14)
  }

  /// Floats that the buffers take.
  static func floats(length: Int, configuration: StructureModuleConfiguration) -> Int {
    widths(configuration).reduce(0, +) * length
  }

  private static func widths(_ configuration: StructureModuleConfiguration) -> [Int] {
    let c = configuration.sequenceWidth, h = configuration.heads, d = configuration.headWidth
    let pq = configuration.queryPoints, pv = configuration.valuePoints, r = configuration.resnetWidth
    return [
      c, c, c, c, h * d, 2 * h * d, 3 * h * pq, 3 * h * (pq + pv), configuration.featureWidth, r, r, r, 14, 14, 6,
    ]
  }
}

extension StructureModuleConfiguration {
  /// Width of what the attention gathers: scalars, points (x, y, z, norm) and pairs of every head.
  var featureWidth: Int { heads * (headWidth + 4 * valuePoints + pairWidth) }
}
