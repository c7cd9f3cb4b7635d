// Scores of variants of a sequence by a language model.

extension ESM {
  /// How variants are scored. All scores are differences of natural logarithms: above 0, the model prefers the variant.
  ///
  /// A variant that deletes, inserts, duplicates or replaces residues has no marginal scores: whatever the case, its score
  /// is the pseudo-log-likelihood ratio PLLR = PLL(variant) − PLL(wild type), where PLL is the sum over all residues of a
  /// sequence of log p(residue). With `wildTypeMarginals` and `maskedMarginals` these are from one pass over each sequence
  /// as it is, nothing masked, as Brandes et al. define it (Genome-wide prediction of disease variant effects with a deep
  /// protein language model, Nature Genetics 55, 2023; `get_PLLR` in github.com/ntranoslab/esm-variants); with
  /// `pseudoLikelihood` each residue is masked in turn.
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
  ///   - variants: Variants of the sequence, from `Variant.placed`.
  ///   - tokens: The wild type with `<cls>` and `<eos>`.
  ///   - score: How.
  ///   - windows: Whether a sequence beyond the model's learned positions is read in overlapping windows.
  ///   - progress: Called with the fraction that is done.
  /// - Returns: A score for each variant.
  /// - Throws: `ModelError`.
  public func score(
    _ variants: [PlacedVariant], of tokens: [Int], _ score: VariantScore, windows: Bool = false,
    progress: (Double) -> Void = { _ in }
  ) throws(ModelError) -> [Double] {
    let marginals: Marginals? =
      switch score {
      case .wildTypeMarginals: .wildType
      case .maskedMarginals: .masked
      case .pseudoLikelihood: nil
      }
    // Each kind of score has its share of the work, by the number of variants.
    let substitutions = variants.indices.filter { marginals != nil && variants[$0].isSubstitution }
    let others = variants.indices.filter { marginals == nil || !variants[$0].isSubstitution }
    let share = Double(substitutions.count) / Double(max(1, variants.count))
    var scores = [Double](repeating: 0, count: variants.count)
    if let marginals, !substitutions.isEmpty {
      let found = try marginalScores(substitutions.map { variants[$0] }, tokens, marginals, windows) {
        progress($0 * share)
      }
      for (index, value) in zip(substitutions, found) { scores[index] = value }
    }
    if !others.isEmpty {
      let found = try likelihoodRatios(
        others.map { variants[$0] }, tokens, marginals == nil ? .masked : .wildType, windows
      ) { progress(share + $0 * (1 - share)) }
      for (index, value) in zip(others, found) { scores[index] = value }
    }
    return scores
  }

  private func marginalScores(
    _ variants: [PlacedVariant], _ tokens: [Int], _ marginals: Marginals, _ windows: Bool,
    _ progress: (Double) -> Void
  ) throws(ModelError) -> [Double] {
    let positions = Set(variants.flatMap { $0.edits.map(\.range.lowerBound) }).sorted()
    let rows = Dictionary(uniqueKeysWithValues: positions.enumerated().map { ($1, $0) })
    let table = try logProbabilities(
      of: tokens, marginals, positions: positions, windows: windows, progress: progress)
    let first = tokens.first == tokenizer.cls ? 1 : 0
    return variants.map { variant in
      variant.edits.reduce(0.0) { sum, edit in
        let place = edit.range.lowerBound, row = rows[place] ?? 0
        let mutant = table[row, tokenizer.id(of: String(edit.letters[0]))]
        return sum + Double(mutant) - Double(table[row, tokens[first + place]])
      }
    }
  }

  /// PLL(variant) − PLL(wild type); `marginals` says where the probabilities of the PLL come from.
  private func likelihoodRatios(
    _ variants: [PlacedVariant], _ tokens: [Int], _ marginals: Marginals, _ windows: Bool, _ progress: (Double) -> Void
  ) throws(ModelError) -> [Double] {
    let first = tokens.first == tokenizer.cls ? 1 : 0, last = tokens.count - (tokens.last == tokenizer.eos ? 1 : 0)
    let residues = Array(tokens[first..<max(first, last)])
    let changed = variants.map { variant in
      tokens[..<first] + variant.applied(to: residues) { tokenizer.id(of: String($0)) } + tokens[max(first, last)...]
    }
    // One that changes nothing needs no pass.
    let sequences = [tokens] + changed.map(Array.init).filter { $0 != tokens }
    let likelihoods = try pseudoLikelihoods(of: sequences, marginals, windows, progress)
    var next = 1
    return changed.map { sequence in
      guard Array(sequence) != tokens else { return 0 }
      defer { next += 1 }
      return likelihoods[next] - likelihoods[0]
    }
  }

  /// The sum of the log-likelihoods of all residues of each sequence.
  private func pseudoLikelihoods(
    of sequences: [[Int]], _ marginals: Marginals, _ windows: Bool, _ progress: (Double) -> Void
  ) throws(ModelError) -> [Double] {
    var sums: [Double] = []
    while sums.count < sequences.count {
      switch marginals {
      case .masked:
        let values = try logLikelihoods(of: sequences[sums.count], .masked, windows: windows)
        sums.append(values.reduce(0) { $0 + Double($1) })
      case .wildType:
        var together: [[Int]] = [], tokens = 0
        for sequence in sequences[sums.count...] {
          tokens += sequence.count
          if tokens > Self.tokensReadTogether, !together.isEmpty { break }
          together.append(sequence)
        }
        for (sequence, logits) in zip(together, try logits(together, windows: windows)) {
          let first = sequence.first == tokenizer.cls ? 1 : 0
          let last = sequence.count - (sequence.last == tokenizer.eos ? 1 : 0)
          sums.append(
            (first..<max(first, last)).reduce(0) { sum, row in
              sum + Double(Self.logSoftmax(logits.row(row))[sequence[row]])
            })
        }
      }
      progress(Double(sums.count) / Double(sequences.count))
    }
    return sums
  }
}
