// The structure module's activation buffers, by name and shape.

package import Tensors

/// Every buffer that the structure module writes, for a protein of L residues.
package struct StructureWorkspace: ~Copyable {
  /// The module's single state s, [L, c].
  let s: Tensor<2>
  /// s_initial: the single state after layer_norm_s, [L, c]; the angle network's second input.
  let initial: Tensor<2>
  /// States by the way, [L, c].
  let single: Tensor<2>, hidden: Tensor<2>
  /// The module's pair state, [L, L, c_z].
  package let z: Tensor<3>
  /// What invariant point attention reads and writes.
  let attention: PointAttentionBuffers
  /// The hidden layer of the angle network, [L, resnet].
  let resnet: Tensor<2>, resnetInput: Tensor<2>, resnetHidden: Tensor<2>
  /// (sin, cos) of seven angles, [L, 14].
  let unnormalizedAngles: Tensor<2>, angles: Tensor<2>
  /// bb_update's six numbers, [L, 6].
  let update: Tensor<2>
  /// Windows for one task of each thread.
  let scratch: Scratch

  /// Buffers for a module behind a trunk, which has done with its own pair-sized buffers and lends them.
  ///
  /// - Parameters:
  ///   - l: Residues.
  ///   - configuration: The module's sizes.
  ///   - a: At least `floatsOfA`, for z.
  ///   - b: At least `floatsOfB`, for the attention's biases and weights.
  ///   - scratch: At least `scratchFloats` per thread.
  ///   - memory: Makes all other buffers.
  init(
    length l: Int, configuration: StructureModuleConfiguration, a: Tensor<1>, b: Tensor<1>, scratch: Scratch,
    memory: inout Allocation
  ) {
    let c = configuration.sequenceWidth, resnetWidth = configuration.resnetWidth
    s = memory.tensor([l, c])
    initial = memory.tensor([l, c])
    single = memory.tensor([l, c])
    hidden = memory.tensor([l, c])
    z = a.viewed(as: [l, l, configuration.pairWidth])
    attention = PointAttentionBuffers(length: l, configuration: configuration, b: b, memory: &memory)
    resnet = memory.tensor([l, resnetWidth])
    resnetInput = memory.tensor([l, resnetWidth])
    resnetHidden = memory.tensor([l, resnetWidth])
    unnormalizedAngles = memory.tensor([l, 14])
    angles = memory.tensor([l, 14])
    update = memory.tensor([l, 6])
    self.scratch = scratch
  }

  /// Buffers for a module on its own.
  package init(length: Int, configuration: StructureModuleConfiguration, threads: Threads) {
    var memory = Allocation()
    let a: Tensor<1> = memory.tensor([Self.floatsOfA(length, configuration)])
    let b: Tensor<1> = memory.tensor([Self.floatsOfB(length, configuration)])
    let scratch = memory.scratch(threads, floats: Self.scratchFloats(length, configuration))
    self.init(length: length, configuration: configuration, a: a, b: b, scratch: scratch, memory: &memory)
  }

  /// Floats of z, [L, L, c_z].
  static func floatsOfA(_ l: Int, _ configuration: StructureModuleConfiguration) -> Int {
    configuration.pairWidth * l * l
  }

  /// Floats of the attention's biases and weights, [H, L, L] each.
  static func floatsOfB(_ l: Int, _ configuration: StructureModuleConfiguration) -> Int {
    2 * configuration.heads * l * l
  }

  /// Scratch floats per thread.
  static func scratchFloats(_ l: Int, _ configuration: StructureModuleConfiguration) -> Int {
    max(Linear.scratchFloats, InvariantPointAttention.scratchFloats(l, configuration))
  }
}
