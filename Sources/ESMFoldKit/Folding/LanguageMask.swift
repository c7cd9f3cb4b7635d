// Residues that are hidden from the language model, by which a model gives several structures of one protein (esm:
// esmfold/v1/esmfold.py, masking_pattern).

import Platform

/// Which rows the language model reads as `<mask>`. The trunk sees all residues.
public struct LanguageMask: Sendable, Equatable {
  private enum Kind: Equatable {
    case rows([Int])
    case random(rate: Double, seed: UInt64, sample: Int)
  }

  private let kind: Kind
  /// Whether each pass has a mask of its own, as in ColabFold's fork, for which the language model reads again.
  public let isRedrawn: Bool

  /// Hides each row with the same probability.
  ///
  /// - Parameters:
  ///   - rate: The probability, 0–1; linkers between chains are hidden as residues are.
  ///   - seed: What the draws follow from, on every machine the same.
  ///   - sample: A number for each structure that is asked for.
  ///   - isRedrawn: Whether each pass has a mask of its own.
  public init(rate: Double, seed: UInt64, sample: Int, isRedrawn: Bool = false) {
    kind = .random(rate: rate, seed: seed, sample: sample)
    self.isRedrawn = isRedrawn
  }

  /// Hides these rows, of chains and linkers, counted from 0.
  package init(rows: [Int]) {
    kind = .rows(rows)
    isRedrawn = false
  }

  /// Which rows are hidden.
  ///
  /// - Parameters:
  ///   - count: How many rows there are.
  ///   - pass: The pass, from 0.
  /// - Returns: The hidden rows, ascending.
  package func rows(of count: Int, pass: Int) -> [Int] {
    switch kind {
    case .rows(let rows): return rows
    case .random(let rate, let seed, let sample):
      // The generator's output is a hash: one seed for all samples, one sample for all passes.
      var ofSeed = SplitMix64(seed: seed)
      var ofSample = SplitMix64(seed: ofSeed.next() ^ UInt64(truncatingIfNeeded: sample))
      var ofPass = SplitMix64(seed: ofSample.next() ^ UInt64(truncatingIfNeeded: isRedrawn ? pass : 0))
      // 53 bits are a number of [0, 1) without rounding.
      return (0..<count).filter { _ in Double(ofPass.next() >> 11) * 0x1p-53 < rate }
    }
  }

  /// What it does to a fold, in a line.
  var description: String {
    switch kind {
    case .rows(let rows): "mask rows \(rows)"
    case .random(let rate, let seed, let sample):
      "mask rate \(rate) seed \(seed) sample \(sample)" + (isRedrawn ? " redrawn" : "")
    }
  }
}
