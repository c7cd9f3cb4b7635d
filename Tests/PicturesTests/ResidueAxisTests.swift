// Places and ticks of residues.

import Pictures
import Testing

@Suite struct ResidueAxisTests {
  private func axis(_ lengths: [Int], step: Double, gap: Double = 3) -> ResidueAxis {
    ResidueAxis(chains: Sample.subject(lengths).chains, step: step, gap: gap)
  }

  @Test func ticksAreAtRoundNumbersAndAtTheBeginning() {
    let ticks = axis([46], step: 14).ticks(spacing: 40)
    #expect(ticks.map(\.number) == [1, 5, 10, 15, 20, 25, 30, 35, 40, 45])
    #expect(ticks[1] == ResidueAxis.Tick(place: 4.5 * 14, number: 5))
    // No room between 1 and 2.
    #expect(axis([5], step: 10).ticks(spacing: 12).map(\.number) == [2, 4])
    #expect(axis([1], step: 640).ticks(spacing: 30) == [ResidueAxis.Tick(place: 320, number: 1)])
  }

  @Test func eachChainHasItsOwn() {
    let axis = axis([30, 20], step: 10)
    #expect(axis.extent == 503 && axis.borders == [301.5])
    let ticks = axis.ticks(spacing: 60)
    #expect(ticks.map(\.number) == [1, 10, 20, 30, 10, 20])
    #expect(ticks[4].place == 303 + 95 && ticks.last?.place == 303 + 195)
    #expect(axis.labels { _ in 10 }.map(\.text) == ["A", "B"])
    #expect(axis.labels { _ in 10 }.map(\.place) == [150, 403])
    // Short chains have no beginnings, and names that would touch are left out.
    let many = self.axis([Int](repeating: 3, count: 12), step: 2)
    #expect(many.ticks(spacing: 20).isEmpty)
    #expect(many.labels { _ in 14 }.map(\.text) == ["A", "C", "E", "G", "I", "K"])
    #expect(self.axis([9], step: 2).labels { _ in 1 }.isEmpty)
  }

  @Test(arguments: [(0.1, 1), (1, 1), (1.5, 2), (2.1, 5), (5, 5), (6, 10), (11, 20), (101, 200), (1e12, 1_000_000_000)])
  func intervals(_ count: Double, _ expected: Int) {
    #expect(ResidueAxis.interval(atLeast: count) == expected)
  }

  @Test func numbersMayHaveGapsAndAnySign() {
    let chain = PictureSubject.Chain(id: "A", residues: 0..<5, numbers: [-10, -9, 0, 512, 1020])
    let ticks = ResidueAxis(chains: [chain], step: 10, gap: 0).ticks(spacing: 10)
    #expect(ticks.map(\.number) == [-10, 0, 512, 1020])
    let wide = ResidueAxis(chains: [chain], step: 10, gap: 0).ticks(spacing: 20)
    #expect(wide.map(\.number) == [-10, 0, 1020])
  }
}
