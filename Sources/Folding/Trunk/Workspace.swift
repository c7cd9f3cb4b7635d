// Every activation buffer of a folding run, by name and shape.

package import Tensors

/// Buffers for a protein of L residues, allocated once; nothing is allocated inside the block loop.
///
/// Three buffers grow with L² · c_z: z itself and two more, a and b. Triangle multiplication needs its two operands at
/// once and writes their product over the first. Everything else of that size lives in a or b by turns: the attention
/// biases of the pair track, the structure module's own pair state (a) and its biases and weights (b).
package struct Workspace: ~Copyable {
  /// Residues.
  package let length: Int
  /// The single state, [L, c_s], and what the embedder made of the sequence, [L, c_s].
  package let s: Tensor<2>, s0: Tensor<2>
  /// The pair state, [L, L, c_z].
  package let z: Tensor<3>
  /// Two pair-sized buffers; flat, as their use changes.
  let a: Tensor<1>, b: Tensor<1>
  /// Normalised single states, [L, c_s]; then the attention's output.
  let x: Tensor<2>
  /// The attention's gate, [L, c_s].
  let gate: Tensor<2>
  /// Queries, keys and values of the sequence attention, head by head, [L, 3 c_s]; also q | k of the pair update.
  let qkv: Tensor<2>
  /// Inside of the sequence transition, [L, 4 c_s].
  let hidden: Tensor<2>
  /// Windows for one task of each thread.
  let scratch: Scratch
  /// Buffers of the structure module.
  let structure: StructureWorkspace

  package init(length: Int, configuration: TrunkConfiguration, precision: Precision, threads: Threads) {
    let cS = configuration.sequenceWidth, cZ = configuration.pairWidth
    self.length = length
    s = Tensor([length, cS])
    s0 = Tensor([length, cS])
    z = Tensor([length, length, cZ])
    a = Tensor([Self.floatsOfA(length, configuration, precision)])
    b = Tensor([Self.floatsOfB(length, configuration, precision)])
    x = Tensor([length, cS])
    gate = Tensor([length, cS])
    qkv = Tensor([length, max(3 * cS, cZ)])
    hidden = Tensor([length, 4 * cS])
    scratch = Scratch(
      workers: threads.count, floats: Self.scratchFloats(length, configuration, precision),
      shared: Self.sharedFloats(length, configuration, precision))
    structure = StructureWorkspace(length: length, configuration: configuration.structureModule)
  }

  /// Bytes that a workspace takes.
  package static func bytes(
    length: Int, configuration: TrunkConfiguration, precision: Precision, threads: Threads
  ) -> Int {
    let cS = configuration.sequenceWidth, cZ = configuration.pairWidth
    let pair =
      cZ * length * length + floatsOfA(length, configuration, precision)
      + floatsOfB(length, configuration, precision)
    let single = (2 * cS + cS + cS + max(3 * cS, cZ) + 4 * cS) * length
    let structure = StructureWorkspace.floats(length: length, configuration: configuration.structureModule)
    let scratch =
      threads.count * scratchFloats(length, configuration, precision) + sharedFloats(length, configuration, precision)
    return (pair + single + structure + scratch) * MemoryLayout<Float>.stride
  }

  /// An operand of the triangle products, or the structure module's pair state.
  private static func floatsOfA(_ length: Int, _ configuration: TrunkConfiguration, _ precision: Precision) -> Int {
    max(
      ChannelMatrices.floats(channels: configuration.pairWidth, length: length, precision: precision),
      configuration.structureModule.pairWidth * length * length)
  }

  /// An operand of the triangle products, or attention biases, or the structure module's biases and weights.
  private static func floatsOfB(_ length: Int, _ configuration: TrunkConfiguration, _ precision: Precision) -> Int {
    max(
      ChannelMatrices.floats(channels: configuration.pairWidth, length: length, precision: precision),
      max(configuration.sequenceHeads, configuration.pairHeads, 2 * configuration.structureModule.heads) * length
        * length)
  }

  private static func scratchFloats(_ length: Int, _ configuration: TrunkConfiguration, _ precision: Precision) -> Int {
    [
      Linear.scratchFloats,
      SequenceAttention.scratchFloats(length, configuration, precision),
      PairTile.scratchFloats(configuration),
      TriangleMultiplication.scratchFloats(length, configuration, precision),
      TriangleAttention.scratchFloats(length, configuration, precision),
      InvariantPointAttention.scratchFloats(length, configuration.structureModule),
      ConfidenceHeads.scratchFloats,
    ].max() ?? 0
  }

  /// Room for the rounded input of the widest sequence layer.
  private static func sharedFloats(_ length: Int, _ configuration: TrunkConfiguration, _ precision: Precision) -> Int {
    precision == .float32 ? 0 : precision.floats(length, 4 * configuration.sequenceWidth)
  }
}
