// The backbone of a residue as a rigid transformation (AlphaFold 2, algorithm 23).

/// A residue's backbone frame while the structure module refines it: orientation as a unit quaternion, translation in
/// the module's units (Å / `translationScale`).
package struct BackboneFrame: Sendable, Equatable {
  package var quaternion: Quaternion
  package var translation: SIMD3<Float>

  package static let identity = BackboneFrame(quaternion: .identity, translation: .zero)

  package init(quaternion: Quaternion, translation: SIMD3<Float>) {
    self.quaternion = quaternion
    self.translation = translation
  }

  package var rigid: Rigid { Rigid(Rotation(quaternion), translation) }

  /// Algorithm 23: turns by (1, b, c, d) and moves by t, both in the frame's own coordinates.
  package func updated(turn: SIMD3<Float>, move: SIMD3<Float>) -> BackboneFrame {
    BackboneFrame(
      quaternion: quaternion.updated(turn), translation: translation + Rotation(quaternion).apply(move))
  }
}
