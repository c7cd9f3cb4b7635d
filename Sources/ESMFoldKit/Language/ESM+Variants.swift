// Scores of variants of a sequence by a language model.

extension ESM {
  /// How variants are scored. All scores are differences of natural logarithms: above 0, the model prefers the variant.
  public enum VariantScore: String, Sendable, CaseIterable {
    /// Σ log p(mutant) − log p(wild type) over the substitutions, from one pass over the wild type.
    case wildTypeMarginals = "wt-marginals"
    /// The same from passes in which each substituted position is masked in turn.
    case maskedMarginals = "masked-marginals"
    /// Pseudo-log-likelihood of the variant's sequence minus that of the wild type: a pass for every residue of both.
    case pseudoLikelihood = "pseudo-ll"
  }

  /// Scores variants of one sequence.
  ///
  /// Position i of a sequence is token i + 1, after `<cls>`, and every residue counts, including the last ones.
  ///
  /// - Parameters:
  ///   - variants: Substitutions and their indices in the sequence, from `Variant.positions`.
  ///   - tokens: The wild type with `<cls>` and `<eos>`.
  ///   - score: How.
  ///   - windows: Whether a sequence beyond the model's learned positions is read in overlapping windows.
  ///   - progress: Called with the fraction that is done.
  /// - Returns: A score for each variant.
  /// - Throws: `ModelError`.
  public func score(
    _ variants: [(variant: Variant, positions: [Int])], of tokens: [Int], _ score: VariantScore, windows: Bool = false,
    progress: (Double) -> Void = { _ in }
  ) throws(ModelError) -> [Double] {
    switch score {
    case .wildTypeMarginals:
      return try marginalScores(variants, tokens, .wildType, windows, progress)
    case .maskedMarginals:
      return try marginalScores(variants, tokens, .masked, windows, progress)
    case .pseudoLikelihood:
      return try likelihoodRatios(variants, tokens, windows, progress)
    }
  }

  private func marginalScores(
    _ variants: [(variant: Variant, positions: [Int])], _ tokens: [Int], _ marginals: Marginals, _ windows: Bool,
    _ progress: (Double) -> Void
  ) throws(ModelError) -> [Double] {
    let positions = Set(variants.flatMap(\.positions)).sorted()
    let rows = Dictionary(uniqueKeysWithValues: positions.enumerated().map { ($1, $0) })
    let table = try logProbabilities(
      of: tokens, marginals, positions: positions, windows: windows, progress: progress)
    return variants.map { variant, places in
      zip(variant.substitutions, places).reduce(0.0) { sum, change in
        let row = rows[change.1] ?? 0
        let mutant = table[row, tokenizer.id(of: String(change.0.mutant))]
        return sum + Double(mutant) - Double(table[row, tokenizer.id(of: String(change.0.wildType))])
      }
    }
  }

  private func likelihoodRatios(
    _ variants: [(variant: Variant, positions: [Int])], _ tokens: [Int], _ windows: Bool, _ progress: (Double) -> Void
  ) throws(ModelError) -> [Double] {
    func total(_ sequence: [Int]) throws(ModelError) -> Double {
      try logLikelihoods(of: sequence, .masked, windows: windows).reduce(0.0) { $0 + Double($1) }
    }
    let first = tokens.first == tokenizer.cls ? 1 : 0
    let wildType = try total(tokens)
    var scores: [Double] = []
    for (variant, places) in variants {
      var sequence = tokens
      for (substitution, place) in zip(variant.substitutions, places) {
        sequence[first + place] = tokenizer.id(of: String(substitution.mutant))
      }
      scores.append(try total(sequence) - wildType)
      progress(Double(scores.count) / Double(variants.count))
    }
    return scores
  }
}
