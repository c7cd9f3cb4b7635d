// The classes of pLDDT: boundaries, names and colours as the AlphaFold database's page states them.

import Protein
import Testing

@Suite struct ConfidenceClassTests {
  @Test(
    arguments: [
      (0, .veryLow), (-3, .veryLow), (50, .veryLow), (50.01, .low), (70, .low), (70.01, .confident), (90, .confident),
      (90.01, .veryHigh), (100, .veryHigh), (.infinity, .veryHigh), (-.infinity, .veryLow),
    ] as [(Double, ConfidenceClass)])
  func aBoundaryBelongsToTheLowerClass(plddt: Double, expected: ConfidenceClass) {
    #expect(ConfidenceClass(plddt) == expected)
  }

  @Test func whatIsNoNumberHasNoClass() {
    #expect(ConfidenceClass(.nan) == nil)
  }

  @Test func namesColoursAndBounds() {
    let classes = ConfidenceClass.allCases
    #expect(classes.map(\.name) == ["Very low", "Low", "Confident", "Very high"])
    #expect(classes.map(\.hex) == ["#FF7D45", "#FFDB13", "#65CBF3", "#0053D6"])
    #expect(classes.map(\.lowerBound) == [0, 50, 70, 90])
    #expect(classes.map(\.upperBound) == [50, 70, 90, 100])
    #expect(ConfidenceClass.absentHex == "#AAAAAA")
  }
}
