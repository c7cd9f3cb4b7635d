// From the single state to torsion angles, and from angles to atoms (AlphaFold 2 Suppl. Algorithms 20 and 24).

package import Protein
import Tensors
package import Weights

/// The residual network that predicts sine and cosine of seven torsion angles (transformers: EsmFoldAngleResnet).
package struct AngleResnet: Sendable {
  private let linearIn: Linear, linearInitial: Linear, linearOut: Linear
  private let layers: [(Linear, Linear)]
  private let epsilon: Float

  package init(_ w: WeightScope, configuration: StructureModuleConfiguration) throws(WeightError) {
    let c = configuration.sequenceWidth, hidden = configuration.resnetWidth
    linearIn = try Linear(w["linear_in"], c, hidden)
    linearInitial = try Linear(w["linear_initial"], c, hidden)
    var layers: [(Linear, Linear)] = []
    for index in 0..<configuration.resnetBlocks {
      let layer = w["layers"][index]
      layers.append((try Linear(layer["linear_1"], hidden, hidden), try Linear(layer["linear_2"], hidden, hidden)))
    }
    self.layers = layers
    linearOut = try Linear(w["linear_out"], hidden, 14)
    epsilon = configuration.epsilon
  }

  /// Predicts (sin, cos) pairs, [L, 14] = [L, 7, 2]: as they come in `unnormalized`, of unit length in `angles`.
  ///
  /// The ReLUs on the inputs are not in the supplement but in the source that the weights were trained with.
  func callAsFunction(
    _ s: Tensor<2>, initial: Tensor<2>, work: borrowing StructureWorkspace, scratch: Scratch, threads: Threads
  ) {
    let a = work.resnet, x = work.resnetInput, y = work.resnetHidden
    work.single.assign(initial, relu: true)
    linearInitial(work.single, into: a, scratch: scratch, threads: threads)
    work.single.assign(s, relu: true)
    linearIn(work.single, into: a, adding: true, scratch: scratch, threads: threads)
    for (linear1, linear2) in layers {
      x.assign(a, relu: true)
      linear1(x, into: y, activation: .relu, scratch: scratch, threads: threads)
      linear2(y, into: a, adding: true, scratch: scratch, threads: threads)
    }
    x.assign(a, relu: true)
    linearOut(x, into: work.unnormalizedAngles, scratch: scratch, threads: threads)
    let from = work.unnormalizedAngles.pointer, to = work.angles.pointer
    for i in 0..<work.angles.count / 2 {
      let (sine, cosine) = (from[2 * i], from[2 * i + 1])
      let length = max(sine * sine + cosine * cosine, epsilon).squareRoot()
      to[2 * i] = sine / length
      to[2 * i + 1] = cosine / length
    }
  }
}

extension Tensor where rank == 2 {
  /// Copies the values of a tensor of the same shape, or their positive parts.
  func assign(_ other: Tensor<2>, relu: Bool = false) {
    precondition(count == other.count)
    let from = other.pointer, to = pointer
    for i in 0..<count { to[i] = relu ? max(from[i], 0) : from[i] }
  }
}

/// Algorithm 24: atoms of a residue from its backbone frame and torsion angles.
package enum TorsionGeometry {
  /// The eight rigid groups of a residue in the global frame: backbone, pre-omega, phi, psi, chi 1–4.
  ///
  /// - Parameters:
  ///   - residue: The residue type; decides the groups' default frames.
  ///   - backbone: The residue's frame, Å.
  ///   - angles: 14 numbers, (sin, cos) of omega, phi, psi, chi 1–4.
  /// - Returns: Eight frames.
  package static func frames(_ residue: ResidueType, backbone: Rigid, angles: UnsafePointer<Float>) -> [Rigid] {
    var frames: [Rigid] = []
    frames.reserveCapacity(8)
    for group in 0..<8 {
      let (sine, cosine): (Float, Float) = group == 0 ? (0, 1) : (angles[2 * group - 2], angles[2 * group - 1])
      let turn = Rotation(x: [1, 0, 0], y: [0, cosine, -sine], z: [0, sine, cosine])
      let frame = defaultFrame(residue, group)
      let local = Rigid(frame.rotation.composed(turn), frame.translation)
      // chi 2–4 hang on the group before; all others on the backbone. Frames are kept relative to the backbone first.
      frames.append(group >= 5 ? frames[group - 1].composed(local) : local)
    }
    return frames.map(backbone.composed)
  }

  /// Positions of the 14 atom slots, Å; zero where the residue has no atom.
  package static func atom14(_ residue: ResidueType, frames: [Rigid]) -> [SIMD3<Float>] {
    (0..<14).map { slot in
      let atom = residue.index * 14 + slot
      guard ResidueConstants.atom14Mask[atom] != 0 else { return .zero }
      let p = ResidueConstants.atom14RigidGroupPositions
      return frames[Int(ResidueConstants.atom14ToRigidGroup[atom])]
        .apply([p[3 * atom], p[3 * atom + 1], p[3 * atom + 2]])
    }
  }

  private static func defaultFrame(_ residue: ResidueType, _ group: Int) -> Rigid {
    let m = ResidueConstants.rigidGroupDefaultFrames, at = (residue.index * 8 + group) * 16
    return Rigid(
      Rotation(
        x: [m[at], m[at + 1], m[at + 2]], y: [m[at + 4], m[at + 5], m[at + 6]], z: [m[at + 8], m[at + 9], m[at + 10]]),
      [m[at + 3], m[at + 7], m[at + 11]])
  }
}
