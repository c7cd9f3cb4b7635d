// Superpositions against NumPy's: rotations by singular value decomposition (Kabsch 1976).

import Protein
import Testing

/// Float64 sums of few numbers of magnitude 10.
private let tolerance = 1e-9

@Suite struct SuperpositionTests {
  private static let sets: [[SIMD3<Double>]] = [
    [
      [-4.01, -6.62, -1.24], [2.1, 5.68, 0.55], [-2.76, -3.92, 3.74], [8.17, 1.36, -6.17], [-4.79, 8.0, 1.01],
      [-8.66, -0.42, -5.82],
    ],
    [
      [-17.99, 8.28, 6.19], [-4.86, 13.92, 5.94], [-17.08, 12.74, 9.62], [-4.08, 5.1, 6.65], [-9.28, 18.71, 2.06],
      [-17.2, 11.28, -2.07],
    ],
    [
      [-6.36, 18.38, -0.73], [2.44, 9.63, -7.23], [-1.14, 19.24, -4.44], [0.12, 5.94, 1.72], [-0.35, 10.42, -14.26],
      [-10.35, 14.2, -7.22],
    ],
  ]

  private func isClose(_ found: [Double], _ expected: [Double]) -> Bool {
    found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }
  }

  @Test("Distances after superposition, and from the mean place") func sets() {
    let points = SuperposedPoints(Self.sets)
    #expect(isClose(points.deviations, [0, 0.7089386718549606, 0.8346152365934318]))
    #expect(
      isClose(
        points.fluctuations,
        [
          0.5004911834123038, 0.6233174115471339, 0.377448719573389, 0.4435901672705533, 0.7290722424340667,
          0.3816188669249626,
        ]))
  }

  @Test("A mirror image is not superposed") func mirror() {
    let mirrored = Self.sets[0].map { $0 * [1, 1, -1] }
    #expect(isClose(SuperposedPoints([Self.sets[0], mirrored]).deviations, [0, 6.923178650930182]))
  }

  @Test("One point and none") func few() {
    #expect(isClose(SuperposedPoints([[[1, 2, 3]], [[4, 5, 6]]]).deviations, [0, 0]))
    #expect(SuperposedPoints([[], []]).deviations == [0, 0] && SuperposedPoints([[], []]).fluctuations.isEmpty)
    let same = SuperposedPoints([Self.sets[0], Self.sets[0]])
    #expect(isClose(same.fluctuations, [Double](repeating: 0, count: 6)))
  }
}
