// Every activation buffer of a folding run, by name and shape.

package import Tensors

/// Buffers for a protein of L residues, allocated once; nothing is allocated inside the block loop.
///
/// Three buffers grow with L² · c_z: z itself and two more, a and b. Triangle multiplication needs its two operands at
/// once and writes their product over the second. Everything else of that size shares a or b at different times: the
/// attention biases of the pair track, the structure module's own pair state (a) and its biases and weights (b).
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
  /// Queries, keys and values of the sequence attention, [L, 3 c_s], or q | k of the pair update, [L, c_z]; flat.
  let qkv: Tensor<1>
  /// The hidden layer of the sequence transition, [L, 4 c_s].
  let hidden: Tensor<2>
  /// Windows for one task of each thread.
  let scratch: Scratch
  /// Buffers of the structure module.
  let structure: StructureWorkspace

  package init(length: Int, configuration: TrunkConfiguration, precision: Precision, threads: Threads) {
    var memory = Allocation()
    self.init(length, configuration, precision, threads, &memory)
  }

  /// Bytes that a workspace takes.
  package static func bytes(
    length: Int, configuration: TrunkConfiguration, precision: Precision, threads: Threads
  ) -> Int {
    Allocation.countedBytes { _ = Workspace(length, configuration, precision, threads, &$0) }
  }

  private init(
    _ l: Int, _ configuration: TrunkConfiguration, _ precision: Precision, _ threads: Threads,
    _ memory: inout Allocation
  ) {
    let cS = configuration.sequenceWidth, cZ = configuration.pairWidth, structureModule = configuration.structureModule
    length = l
    s = memory.tensor([l, cS])
    s0 = memory.tensor([l, cS])
    z = memory.tensor([l, l, cZ])
    // Operands of the triangle products; a also the structure module's pair state, b biases and weights of attentions.
    let operand = ChannelMatrices.floats(channels: cZ, length: l, precision: precision)
    let biases = max(configuration.sequenceHeads, configuration.pairHeads) * l * l
    a = memory.tensor([max(operand, StructureWorkspace.floatsOfA(l, structureModule))])
    b = memory.tensor([max(operand, biases, StructureWorkspace.floatsOfB(l, structureModule))])
    x = memory.tensor([l, cS])
    gate = memory.tensor([l, cS])
    qkv = memory.tensor([l * max(3 * cS, cZ)])
    hidden = memory.tensor([l, 4 * cS])
    scratch = memory.scratch(
      threads, floats: Self.scratchFloats(l, configuration, precision),
      // The rounded input of the widest sequence layer.
      shared: precision == .float32 ? 0 : precision.floats(l, 4 * cS))
    structure = StructureWorkspace(
      length: l, configuration: structureModule, a: a, b: b, scratch: scratch, memory: &memory)
  }

  /// What the step that takes most of it needs.
  private static func scratchFloats(_ l: Int, _ configuration: TrunkConfiguration, _ precision: Precision) -> Int {
    [
      Linear.scratchFloats,
      SequenceAttention.scratchFloats(l, configuration, precision),
      SequenceToPair.scratchFloats(configuration, precision),
      TriangleMultiplication.scratchFloats(l, configuration, precision),
      TriangleAttention.scratchFloats(l, configuration, precision),
      PairTransition.scratchFloats(configuration, precision),
      StructureWorkspace.scratchFloats(l, configuration.structureModule),
      ConfidenceHeads.scratchFloats,
    ].max() ?? 0
  }
}
