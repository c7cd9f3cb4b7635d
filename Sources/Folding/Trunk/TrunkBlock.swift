// One block of the trunk (transformers: EsmFoldTriangularSelfAttentionBlock).

package import Tensors
package import Weights

/// The ten updates of a block: four that end in the single state, six in the pairs.
package struct TrunkBlock: Sendable {
  package let sequenceAttention: SequenceAttention, mlpSeq: SequenceTransition
  package let sequenceToPair: SequenceToPair
  package let triMulOut: TriangleMultiplication, triMulIn: TriangleMultiplication
  package let triAttStart: TriangleAttention, triAttEnd: TriangleAttention
  package let mlpPair: PairTransition

  package init(_ w: WeightScope, configuration: TrunkConfiguration, precision: Precision) throws(WeightError) {
    let cS = configuration.sequenceWidth, cZ = configuration.pairWidth
    sequenceAttention = try SequenceAttention(w, configuration: configuration, precision: precision)
    mlpSeq = try SequenceTransition(w["mlp_seq"], cS: cS, precision: precision)
    sequenceToPair = try SequenceToPair(w["sequence_to_pair"], configuration: configuration, precision: precision)
    triMulOut = try TriangleMultiplication(w["tri_mul_out"], edges: .outgoing, cZ: cZ, precision: precision)
    triMulIn = try TriangleMultiplication(w["tri_mul_in"], edges: .incoming, cZ: cZ, precision: precision)
    triAttStart = try TriangleAttention(
      w["tri_att_start"], node: .starting, configuration: configuration, precision: precision)
    triAttEnd = try TriangleAttention(
      w["tri_att_end"], node: .ending, configuration: configuration, precision: precision)
    mlpPair = try PairTransition(w["mlp_pair"], cZ: cZ, precision: precision)
  }

  /// Updates the workspace's s [L, c_s] and z [L, L, c_z].
  package func update(_ work: borrowing Workspace, threads: Threads, tap: Tap, name: @autoclosure () -> String) {
    let s = work.s, z = work.z
    // === The single state ===
    let bias = sequenceAttention.pairBias(z, work: work, threads: threads)
    tap("\(name()).pair_to_sequence", bias.channelsLast)
    sequenceAttention.add(to: s, bias: bias, work: work, threads: threads)
    tap("\(name()).seq_attention", s.values)
    mlpSeq.add(to: s, work: work, threads: threads)
    tap("\(name()).mlp_seq", s.values)

    // === The pairs ===
    sequenceToPair.add(s, to: z, work: work, threads: threads)
    tap("\(name()).sequence_to_pair", z.values)
    triMulOut.add(to: z, work: work, threads: threads)
    tap("\(name()).tri_mul_out", z.values)
    triMulIn.add(to: z, work: work, threads: threads)
    tap("\(name()).tri_mul_in", z.values)
    triAttStart.add(to: z, work: work, threads: threads)
    tap("\(name()).tri_att_start", z.values)
    triAttEnd.add(to: z, work: work, threads: threads)
    tap("\(name()).tri_att_end", z.values)
    mlpPair.add(to: z, work: work, threads: threads)
    tap("\(name()).mlp_pair", z.values)
  }
}

extension Tensor where rank == 3 {
  /// The values of [C, L, L] as [L, L, C], as the reference lays them out.
  fileprivate var channelsLast: [Float] {
    let (c, l) = (shape[0], shape[1] * shape[2])
    return (0..<l).flatMap { pair in (0..<c).map { pointer[$0 * l + pair] } }
  }
}

extension Precision {
  /// Whether a block packs its layers over the sequence when it is loaded.
  ///
  /// Every pass uses them on L rows, where for short proteins the conversion to bfloat16 takes a third of the product's
  /// time; packed they are half of what the file holds. In float32 the conversion is hidden, and packing would cost
  /// memory instead of saving it.
  var packsSequenceLayers: Bool { self == .bfloat16 }
}
