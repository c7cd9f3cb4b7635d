// Likelihoods of residues, and of variants, by the masked-language head.

import Glibc

extension ESM {
  /// How the probability of a residue is computed.
  public enum Marginals: String, Sendable, CaseIterable {
    /// From one pass over the sequence as it is; the model sees the residue that it judges.
    case wildType = "wt-marginals"
    /// From one pass for each position, in which that position is masked.
    case masked = "masked-marginals"
  }

  /// The natural logarithm of every token's probability at every residue of a sequence.
  ///
  /// Probabilities are softmax over the whole vocabulary, as in Meta's variant prediction.
  ///
  /// - Parameters:
  ///   - tokens: The sequence, `<cls>` and `<eos>` included where they are wanted.
  ///   - marginals: Where probabilities come from.
  ///   - positions: The residues that are asked for, from 0 (not counting `<cls>`); `nil` for all.
  ///   - windows: Whether a sequence beyond the model's learned positions is read in overlapping windows.
  ///   - progress: Called with the fraction of passes that are done.
  /// - Returns: A row for each position asked for, [positions, vocabulary].
  /// - Throws: `ModelError`.
  public func logProbabilities(
    of tokens: [Int], _ marginals: Marginals, positions: [Int]? = nil, windows: Bool = false,
    progress: (Double) -> Void = { _ in }
  ) throws(ModelError) -> Matrix {
    let first = tokens.first == tokenizer.cls ? 1 : 0
    let count = tokens.count - first - (tokens.last == tokenizer.eos ? 1 : 0)
    let rows = (positions ?? Array(0..<max(0, count))).map { $0 + first }
    precondition(rows.allSatisfy { $0 >= first && $0 < first + max(0, count) }, "a position outside the sequence")
    let values: [Float]
    switch marginals {
    case .wildType:
      let logits = try logits([tokens], windows: windows)[0]
      values = rows.flatMap { Self.logSoftmax(logits.row($0)) }
    case .masked:
      values = try maskedRows(rows, of: tokens, windows: windows, progress)
    }
    return Matrix(rows: rows.count, columns: description.vocabularySize, values: values)
  }

  /// The same of a reading that has logits, whatever its tokens were.
  ///
  /// - Parameter reading: A result of `read`, with logits.
  /// - Returns: [residues, vocabulary], or `nil` without logits.
  public func logProbabilities(of reading: Reading) -> Matrix? {
    reading.logits.map { logits in
      Matrix(
        rows: reading.residueRows.count, columns: logits.columns,
        values: reading.residueRows.flatMap { Self.logSoftmax(logits.row($0)) })
    }
  }

  /// exp(−mean): 1 for a sequence of which the model is certain, 33 for one about which it knows nothing.
  ///
  /// - Parameter meanLogLikelihood: The mean log-likelihood of the residues.
  /// - Returns: The (pseudo-)perplexity.
  public static func perplexity(_ meanLogLikelihood: Double) -> Double { exp(-meanLogLikelihood) }

  /// Copies of the sequence with one position masked each, as many together as are best read together.
  private func maskedRows(
    _ rows: [Int], of tokens: [Int], windows: Bool, _ progress: (Double) -> Void
  ) throws(ModelError) -> [Float] {
    let together = max(1, Self.tokensReadTogether / max(1, tokens.count))
    var values: [Float] = []
    var start = 0
    while start < rows.count {
      let part = rows[start..<min(rows.count, start + together)]
      let masked = part.map { row in
        var copy = tokens
        copy[row] = tokenizer.mask
        return copy
      }
      for (row, logits) in zip(part, try logits(masked, windows: windows)) {
        values += Self.logSoftmax(logits.row(row))
      }
      start += part.count
      progress(Double(start) / Double(rows.count))
    }
    return values
  }

  /// The logits [tokens, vocabulary] of sequences of tokens that are read together.
  func logits(_ sequences: [[Int]], windows: Bool) throws(ModelError) -> [Matrix] {
    let wanted = Wanted(logits: true)
    var readings: [Reading] = []
    if windows, let longest = description.maximumTokens, sequences.contains(where: { $0.count > longest }) {
      for sequence in sequences { readings.append(try readInWindows(sequence, wanted)) }
    } else {
      readings = try read(sequences, wanted)
    }
    return readings.map { $0.logits ?? Matrix(rows: 0, columns: 0, values: []) }
  }

  /// The log-likelihood of each residue of a sequence, given all others.
  ///
  /// Their mean is the pseudo-log-likelihood per residue; exp of minus the mean is the pseudo-perplexity.
  ///
  /// - Parameters: As for `logProbabilities`.
  /// - Returns: One value for each residue.
  /// - Throws: `ModelError`.
  public func logLikelihoods(
    of tokens: [Int], _ marginals: Marginals = .masked, windows: Bool = false, progress: (Double) -> Void = { _ in }
  ) throws(ModelError) -> [Float] {
    let rows = try logProbabilities(of: tokens, marginals, windows: windows, progress: progress)
    let first = tokens.first == tokenizer.cls ? 1 : 0
    return (0..<rows.rows).map { rows[$0, tokens[first + $0]] }
  }

  /// x − log Σ exp x of one row.
  static func logSoftmax(_ logits: ArraySlice<Float>) -> [Float] {
    let largest = logits.max() ?? 0
    let sum = logits.reduce(0.0) { $0 + exp(Double($1 - largest)) }
    let shift = largest + Float(log(sum))
    return logits.map { $0 - shift }
  }
}
