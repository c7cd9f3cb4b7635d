// Rotations, rigid transformations and the quaternion update (AlphaFold 2 Suppl. 1.8 and Algorithm 23).

/// A 3 × 3 rotation matrix by rows.
package struct Rotation: Sendable, Equatable {
  package var x: SIMD3<Float>, y: SIMD3<Float>, z: SIMD3<Float>

  package static let identity = Rotation(x: [1, 0, 0], y: [0, 1, 0], z: [0, 0, 1])

  package init(x: SIMD3<Float>, y: SIMD3<Float>, z: SIMD3<Float>) {
    self.x = x
    self.y = y
    self.z = z
  }

  /// The rotation of a unit quaternion (w, x, y, z).
  package init(_ q: Quaternion) {
    let (a, b, c, d) = (q.w, q.x, q.y, q.z)
    x = [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)]
    y = [2 * (b * c + a * d), a * a - b * b + c * c - d * d, 2 * (c * d - a * b)]
    z = [2 * (b * d - a * c), 2 * (c * d + a * b), a * a - b * b - c * c + d * d]
  }

  /// R p.
  package func apply(_ p: SIMD3<Float>) -> SIMD3<Float> { [(x * p).sum(), (y * p).sum(), (z * p).sum()] }

  /// Rᵀ p.
  package func applyInverse(_ p: SIMD3<Float>) -> SIMD3<Float> { x * p.x + y * p.y + z * p.z }

  /// R other.
  package func composed(_ other: Rotation) -> Rotation {
    func row(_ r: SIMD3<Float>) -> SIMD3<Float> { other.x * r.x + other.y * r.y + other.z * r.z }
    return Rotation(x: row(x), y: row(y), z: row(z))
  }
}

/// A quaternion w + xi + yj + zk.
package struct Quaternion: Sendable, Equatable {
  package var w: Float, x: Float, y: Float, z: Float

  package static let identity = Quaternion(w: 1, x: 0, y: 0, z: 0)

  package init(w: Float, x: Float, y: Float, z: Float) {
    self.w = w
    self.x = x
    self.y = y
    self.z = z
  }

  /// Algorithm 23's step: (self + self ⊗ (0, b, c, d)), normalised.
  package func updated(_ v: SIMD3<Float>) -> Quaternion {
    let (b, c, d) = (v.x, v.y, v.z)
    let q = Quaternion(
      w: w - x * b - y * c - z * d, x: x + w * b + y * d - z * c, y: y + w * c - x * d + z * b,
      z: z + w * d + x * c - y * b)
    let norm = (q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z).squareRoot()
    return Quaternion(w: q.w / norm, x: q.x / norm, y: q.y / norm, z: q.z / norm)
  }
}

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
