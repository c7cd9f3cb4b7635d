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

  package init(length: Int, configuration: TrunkConfiguration, threads: Threads) {
    let cS = configuration.sequenceWidth, cZ = configuration.pairWidth
    self.length = length
    s = Tensor([length, cS])
    s0 = Tensor([length, cS])
    z = Tensor([length, length, cZ])
    a = Tensor([Self.planesOfA(configuration) * length * length])
    b = Tensor([Self.planesOfB(configuration) * length * length])
    x = Tensor([length, cS])
    gate = Tensor([length, cS])
    qkv = Tensor([length, max(3 * cS, cZ)])
    hidden = Tensor([length, 4 * cS])
    scratch = Scratch(workers: threads.count, floats: Self.scratchFloats(length, configuration))
    structure = StructureWorkspace(length: length, configuration: configuration.structureModule)
  }

  /// Bytes that a workspace takes.
  package static func bytes(length: Int, configuration: TrunkConfiguration, threads: Threads) -> Int {
    let cS = configuration.sequenceWidth, cZ = configuration.pairWidth
    let pair = (cZ + planesOfA(configuration) + planesOfB(configuration)) * length * length
    let single = (2 * cS + cS + cS + max(3 * cS, cZ) + 4 * cS) * length
    let structure = StructureWorkspace.floats(length: length, configuration: configuration.structureModule)
    return (pair + single + structure + threads.count * scratchFloats(length, configuration))
      * MemoryLayout<Float>.stride
  }

  /// L × L matrices in a: an operand of the triangle products (c_z), or the structure module's pair state.
  private static func planesOfA(_ configuration: TrunkConfiguration) -> Int {
    max(configuration.pairWidth, configuration.structureModule.pairWidth)
  }

  /// L × L matrices in b: an operand of the triangle products (c_z), or attention biases, or the structure module's
  /// biases and attention weights.
  private static func planesOfB(_ configuration: TrunkConfiguration) -> Int {
    max(configuration.pairWidth, configuration.sequenceHeads, 2 * configuration.structureModule.heads)
  }

  private static func scratchFloats(_ length: Int, _ configuration: TrunkConfiguration) -> Int {
    [
      Linear.scratchFloats,
      SequenceAttention.scratchFloats(length, configuration),
      PairTile.scratchFloats(configuration),
      TriangleMultiplication.scratchFloats(length, configuration),
      TriangleAttention.scratchFloats(length, configuration),
      InvariantPointAttention.scratchFloats(length, configuration.structureModule),
      ConfidenceHeads.scratchFloats,
    ].max() ?? 0
  }
}
