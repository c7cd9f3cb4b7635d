// The structure module, AlphaFold 2 Suppl. Algorithm 20 (transformers: EsmFoldStructureModule).

package import Protein
package import Tensors
package import Weights

/// Refines frames from the identity in `blocks` iterations that share one set of weights.
package struct StructureModule: Sendable {
  /// trunk2sm_s and trunk2sm_z: from the trunk's widths to the module's.
  private let trunkToS: Linear, trunkToZ: PackedLinear
  private let layerNormS: LayerNorm, layerNormZ: LayerNorm, linearIn: Linear
  private let ipa: InvariantPointAttention, layerNormIPA: LayerNorm
  private let transition: [(Linear, Linear, Linear)], transitionNorm: LayerNorm
  private let bbUpdate: Linear, angleResnet: AngleResnet
  private let configuration: StructureModuleConfiguration

  /// Reads `structure_module`, `trunk2sm_s` and `trunk2sm_z` of a trunk.
  package init(_ trunk: WeightScope, configuration: TrunkConfiguration) throws(WeightError) {
    let own = configuration.structureModule
    let c = own.sequenceWidth, w = trunk["structure_module"]
    self.configuration = own
    trunkToS = try Linear(trunk["trunk2sm_s"], configuration.sequenceWidth, c)
    trunkToZ = PackedLinear(
      inputs: configuration.pairWidth,
      [try PackedLinear.Layer(trunk["trunk2sm_z"], configuration.pairWidth, own.pairWidth)])
    layerNormS = try LayerNorm(w["layer_norm_s"], c)
    layerNormZ = try LayerNorm(w["layer_norm_z"], own.pairWidth)
    linearIn = try Linear(w["linear_in"], c, c)
    ipa = try InvariantPointAttention(w["ipa"], configuration: own)
    layerNormIPA = try LayerNorm(w["layer_norm_ipa"], c)
    var transition: [(Linear, Linear, Linear)] = []
    for index in 0..<own.transitionLayers {
      let layer = w["transition"]["layers"][index]
      transition.append(
        (try Linear(layer["linear_1"], c, c), try Linear(layer["linear_2"], c, c), try Linear(layer["linear_3"], c, c)))
    }
    self.transition = transition
    transitionNorm = try LayerNorm(w["transition"]["layer_norm"], c)
    bbUpdate = try Linear(w["bb_update"]["linear"], c, 6)
    angleResnet = try AngleResnet(w["angle_resnet"], configuration: own)
  }

  /// Folds from the workspace's s and z. Numbers of lines are those of the algorithm.
  ///
  /// - Parameters:
  ///   - residues: The L residue types.
  ///   - work: Buffers; s and z are read, a and b are overwritten.
  ///   - threads: The threads to use.
  ///   - iterations: Keeps the outputs of every iteration; `nil` if only the last is wanted.
  ///   - tap: Observer of every iteration.
  ///   - name: The iterations' prefix in the tap's names.
  /// - Returns: The last iteration's structure.
  package func fold(
    _ residues: [ResidueType], work: borrowing Workspace, threads: Threads, iterations: StructureIterations? = nil,
    tap: Tap, name: @autoclosure () -> String
  ) -> StructureOutput {
    let s = work.structure.s, single = work.structure.single  // [L, c]
    readInputs(work, threads: threads)
    var frames = [BackboneFrame](repeating: .identity, count: work.length)  // line 4
    for iteration in 0..<configuration.blocks {
      // Lines 6 and 7: s = norm(s + ipa(s, z, T)).
      ipa(s, frames: frames.map(\.rigid), into: single, work: work.structure, threads: threads)
      tap("\(name()).\(iteration).ipa", single.values)
      Kernels.active.add(Rows(single), to: Rows(s))
      layerNormIPA(s, into: s, threads: threads)
      // Lines 8 and 9.
      transit(s, work: work.structure, threads: threads)
      // Line 10, algorithm 23.
      bbUpdate(s, into: work.structure.update, scratch: work.scratch, threads: threads)
      let update = Rows(work.structure.update)  // [L, 6]
      for i in frames.indices {
        frames[i] = frames[i].updated(
          turn: [update[i, 0], update[i, 1], update[i, 2]], move: [update[i, 3], update[i, 4], update[i, 5]])
      }
      // Only the last iteration's atoms leave the module, unless somebody asks for all.
      guard tap.isListening || iterations != nil, iteration < configuration.blocks - 1 else { continue }
      let output = output(frames, residues, work: work.structure, threads: threads)
      let unnormalized = work.structure.unnormalizedAngles
      iterations?.keep(output, unnormalizedAngles: unnormalized, residues, of: iteration)
      if tap.isListening { report(output, residues, unnormalized, to: tap, as: "\(name()).\(iteration)") }
    }
    let output = output(frames, residues, work: work.structure, threads: threads)
    let unnormalized = work.structure.unnormalizedAngles, last = configuration.blocks - 1
    iterations?.keep(output, unnormalizedAngles: unnormalized, residues, of: last)
    if tap.isListening { report(output, residues, unnormalized, to: tap, as: "\(name()).\(last)") }
    return output
  }

  /// Lines 1 to 3, and what of the attention is the same in every iteration: the module's s, s_initial and z.
  private func readInputs(_ work: borrowing Workspace, threads: Threads) {
    let initial = work.structure.initial, scratch = work.scratch  // [L, c]
    readPairs(work.z, into: work.structure.z, threads: threads)
    trunkToS(work.s, into: initial, scratch: scratch, threads: threads)
    layerNormS(initial, into: initial, threads: threads)
    linearIn(initial, into: work.structure.s, scratch: scratch, threads: threads)
    ipa.makePairBias(work: work.structure, threads: threads)
  }

  /// Line 2: z' = norm(trunk2sm_z(z)), from [L, L, trunk's c_z] to [L, L, c_z].
  private func readPairs(_ from: Tensor<3>, into z: Tensor<3>, threads: Threads) {
    PairTile.forEach(length: z.shape[0], threads: threads) { i, tile, _ in
      let pairs = z.row(i).rows(tile)  // [tile, c_z]
      trunkToZ(from.row(i).rows(tile), into: pairs)
      layerNormZ(pairs, into: pairs)
    }
  }

  /// Lines 8 and 9: s = norm(s + mlp(s)) with `transitionLayers` three-layer perceptrons, s: [L, c].
  private func transit(_ s: Tensor<2>, work: borrowing StructureWorkspace, threads: Threads) {
    let scratch = work.scratch
    for (linear1, linear2, linear3) in transition {
      linear1(s, into: work.single, activation: .relu, scratch: scratch, threads: threads)
      linear2(work.single, into: work.hidden, activation: .relu, scratch: scratch, threads: threads)
      linear3(work.hidden, into: s, adding: true, scratch: scratch, threads: threads)
    }
    transitionNorm(s, into: s, threads: threads)
  }

  /// Lines 11 to 14 and 24: angles, atoms and scaled frames of the present s.
  private func output(
    _ frames: [BackboneFrame], _ residues: [ResidueType], work: borrowing StructureWorkspace, threads: Threads
  ) -> StructureOutput {
    angleResnet(work: work, threads: threads)
    let scaled = frames.map {
      BackboneFrame(quaternion: $0.quaternion, translation: $0.translation * configuration.translationScale)
    }
    var positions: [Float] = []  // [L, 14, 3]
    positions.reserveCapacity(42 * frames.count)
    for (i, residue) in residues.enumerated() {
      let groups = TorsionGeometry.frames(residue, backbone: scaled[i].rigid, angles: work.angles.pointer + 14 * i)
      for atom in TorsionGeometry.atom14(residue, frames: groups) { positions += [atom.x, atom.y, atom.z] }
    }
    return StructureOutput(frames: scaled, angles: work.angles.values, positions: positions, states: work.s)
  }

  private func report(
    _ output: StructureOutput, _ residues: [ResidueType], _ unnormalizedAngles: Tensor<2>, to tap: Tap, as name: String
  ) {
    tap("\(name).states", output.states.values)
    tap("\(name).frames", output.frames.flatMap(\.sevenNumbers))
    tap("\(name).unnormalized_angles", unnormalizedAngles.values)
    tap("\(name).angles", output.angles)
    tap("\(name).positions", output.positions)
    tap("\(name).sidechain_frames", output.sidechainFrames(residues))
  }
}

extension StructureOutput {
  /// The eight rigid groups of each residue as matrices, [L, 8, 4, 4].
  func sidechainFrames(_ residues: [ResidueType]) -> [Float] {
    angles.withUnsafeBufferPointer { angles in
      guard let base = angles.baseAddress else { return [] }
      return residues.indices.flatMap { i in
        TorsionGeometry.frames(residues[i], backbone: frames[i].rigid, angles: base + 14 * i).flatMap(\.matrix)
      }
    }
  }
}

extension BackboneFrame {
  /// (w, x, y, z) of the quaternion and the translation, as the reference lays frames out.
  package var sevenNumbers: [Float] {
    [quaternion.w, quaternion.x, quaternion.y, quaternion.z, translation.x, translation.y, translation.z]
  }
}

extension Rigid {
  /// The 4 × 4 matrix, row-major.
  fileprivate var matrix: [Float] {
    let (r, t) = (rotation, translation)
    return [
      r.x.x, r.x.y, r.x.z, t.x, r.y.x, r.y.y, r.y.z, t.y, r.z.x, r.z.y, r.z.z, t.z, 0, 0, 0, 1,
    ]
  }
}
