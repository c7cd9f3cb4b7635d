// Rotations as quaternions.

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
