// Which residues are hidden: the draws are the same on every machine.

import ESMFoldKit
import Testing

@Suite struct LanguageMaskTests {
  /// By a SplitMix64 in Python: 53 bits of each draw, seeds from seed, sample and pass.
  @Test("The draws are those of the generator") func draws() {
    let mask = LanguageMask(rate: 0.15, seed: 7, sample: 2)
    #expect(mask.rows(of: 60, pass: 0) == [9, 13, 19, 20, 22, 26, 32, 41, 49, 53, 55])
    #expect(mask.rows(of: 60, pass: 1) == mask.rows(of: 60, pass: 0))
    #expect(
      LanguageMask(rate: 0.15, seed: 7, sample: 3).rows(of: 60, pass: 0) == [7, 18, 27, 46, 50, 54, 55, 56])
    let redrawn = LanguageMask(rate: 0.15, seed: 7, sample: 2, isRedrawn: true)
    #expect(redrawn.rows(of: 60, pass: 0) == mask.rows(of: 60, pass: 0))
    #expect(redrawn.rows(of: 60, pass: 1) == [5, 10, 22, 25, 31, 35, 44, 48, 57])
    #expect(LanguageMask(rate: 0.15, seed: .max, sample: 2).rows(of: 60, pass: 0) == [2, 18])
    #expect(LanguageMask(rate: 0.15, seed: 0, sample: 1).rows(of: 100_000, pass: 0).count == 14867)
  }

  @Test("Rates of 0 and 1") func bounds() {
    #expect(LanguageMask(rate: 0, seed: 1, sample: 1).rows(of: 1000, pass: 0).isEmpty)
    #expect(LanguageMask(rate: 1, seed: 1, sample: 1).rows(of: 1000, pass: 0) == Array(0..<1000))
  }
}
