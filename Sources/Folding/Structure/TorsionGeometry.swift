// Atoms from frames and torsion angles (AlphaFold 2, algorithm 24).

package import Protein

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
      // chi 2–4 are attached to the previous group, all others to the backbone. Frames are kept relative to the
      // backbone first.
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
