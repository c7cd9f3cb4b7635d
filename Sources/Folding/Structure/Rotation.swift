// Rotations as 3 × 3 matrices.

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
