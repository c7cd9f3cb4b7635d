// The rotation and translation that bring one set of points closest to another (Horn 1987, J. Opt. Soc. Am. A 4, 629).

/// A superposition of points by least squares.
package struct Superposition: Sendable {
  /// Unit quaternion (w, x, y, z) of the rotation.
  private let q: SIMD4<Double>
  private let from: SIMD3<Double>, to: SIMD3<Double>

  /// Superposes `points` on `others`, pair by pair. Mirror images are not superposed.
  package init(_ points: [SIMD3<Double>], on others: [SIMD3<Double>]) {
    precondition(points.count == others.count, "\(points.count) points on \(others.count)")
    from = Self.centre(points)
    to = Self.centre(others)
    var s = [SIMD3<Double>](repeating: .zero, count: 3)  // s[a][b] = Σ p_a q_b
    for (point, other) in zip(points, others) {
      let p = point - from, r = other - to
      for axis in 0..<3 { s[axis] += p[axis] * r }
    }
    q = Self.largestEigenvector([
      [s[0].x + s[1].y + s[2].z, s[1].z - s[2].y, s[2].x - s[0].z, s[0].y - s[1].x],
      [s[1].z - s[2].y, s[0].x - s[1].y - s[2].z, s[0].y + s[1].x, s[2].x + s[0].z],
      [s[2].x - s[0].z, s[0].y + s[1].x, s[1].y - s[0].x - s[2].z, s[1].z + s[2].y],
      [s[0].y - s[1].x, s[2].x + s[0].z, s[1].z + s[2].y, s[2].z - s[0].x - s[1].y],
    ])
  }

  /// Where a point comes to lie.
  package func moved(_ point: SIMD3<Double>) -> SIMD3<Double> {
    let p = point - from, u = SIMD3(q.y, q.z, q.w), w = q.x
    let t = 2 * Self.cross(u, p)
    return p + w * t + Self.cross(u, t) + to
  }

  private static func centre(_ points: [SIMD3<Double>]) -> SIMD3<Double> {
    points.isEmpty ? .zero : points.reduce(.zero, +) / Double(points.count)
  }

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    [a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x]
  }

  /// The eigenvector of the largest eigenvalue of a symmetric 4 × 4 matrix, by Jacobi's rotations.
  private static func largestEigenvector(_ matrix: [[Double]]) -> SIMD4<Double> {
    var a = matrix
    var v = (0..<4).map { i in (0..<4).map { $0 == i ? 1.0 : 0 } }
    // Each sweep squares what is off the diagonal; six are enough for 64 bits.
    for _ in 0..<12 {
      for p in 0..<3 {
        for q in p + 1..<4 where a[p][q] != 0 {
          let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
          let t = (theta < 0 ? -1 : 1) / (theta.magnitude + (theta * theta + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot(), s = t * c
          for k in 0..<4 { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
          for k in 0..<4 { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
          for k in 0..<4 { (v[k][p], v[k][q]) = (c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q]) }
        }
      }
    }
    let best = (0..<4).max { a[$0][$0] < a[$1][$1] } ?? 0
    return [v[0][best], v[1][best], v[2][best], v[3][best]]
  }
}

/// Several sets of the same points, superposed on the first.
package struct SuperposedPoints {
  /// [sets][points].
  private let sets: [[SIMD3<Double>]]

  /// Superposes sets, at least one.
  package init(_ sets: [[SIMD3<Double>]]) {
    self.sets = sets.map { points in
      let superposition = Superposition(points, on: sets[0])
      return points.map(superposition.moved)
    }
  }

  /// The root mean square distance of each set from the first.
  package var deviations: [Double] {
    sets.map { points in
      let sum = zip(points, sets[0]).reduce(0) { $0 + Self.squaredDistance($1.0, $1.1) }
      return (sum / Double(max(1, points.count))).squareRoot()
    }
  }

  /// The root mean square distance of each point from its mean place.
  package var fluctuations: [Double] {
    sets[0].indices.map { place in
      let points = sets.map { $0[place] }, mean = points.reduce(.zero, +) / Double(sets.count)
      return (points.reduce(0) { $0 + Self.squaredDistance($1, mean) } / Double(sets.count)).squareRoot()
    }
  }

  private static func squaredDistance(_ p: SIMD3<Double>, _ q: SIMD3<Double>) -> Double {
    let d = p - q
    return (d * d).sum()
  }
}
