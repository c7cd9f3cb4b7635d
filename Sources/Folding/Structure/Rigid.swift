// Rigid transformations (AlphaFold 2 Suppl. 1.8).

/// p ↦ R p + t.
package struct Rigid: Sendable, Equatable {
  package var rotation: Rotation
  package var translation: SIMD3<Float>

  package init(_ rotation: Rotation, _ translation: SIMD3<Float>) {
    self.rotation = rotation
    self.translation = translation
  }

  /// The transformation applied to a point.
  package func apply(_ p: SIMD3<Float>) -> SIMD3<Float> { rotation.apply(p) + translation }

  /// The inverse applied to a point.
  package func applyInverse(_ p: SIMD3<Float>) -> SIMD3<Float> { rotation.applyInverse(p - translation) }

  /// First other, then self.
  package func composed(_ other: Rigid) -> Rigid {
    Rigid(rotation.composed(other.rotation), apply(other.translation))
  }
}
