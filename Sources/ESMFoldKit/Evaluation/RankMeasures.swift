// Measures of numbers and ranks (scikit-learn: mean_squared_error, roc_auc_score; SciPy: pearsonr, spearmanr).

import Platform

/// Measures of a regression; of several outputs the mean over them.
struct NumberMeasures {
  /// [items, outputs].
  let truth: Matrix
  /// [items, outputs].
  let outputs: Matrix
  let labels: [String]

  var all: [Evaluation.Measure] {
    let columns = labels.indices.map { column in
      let rows = 0..<truth.rows
      return (rows.map { Double(truth[$0, column]) }, rows.map { Double(outputs[$0, column]) })
    }
    let reason = columns.lazy.compactMap(Self.whyUncorrelated).first
    func mean(_ name: String, _ measure: ([Double], [Double]) -> Double?) -> Evaluation.Measure {
      let values = columns.compactMap(measure)
      let isDefined = values.count == columns.count && !values.isEmpty
      return Evaluation.Measure(
        name, isDefined ? values.reduce(0, +) / Double(values.count) : nil, reason: reason)
    }
    return [
      mean("mse") { truth, outputs in
        zip(truth, outputs).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(truth.count)
      },
      mean("pearson", RankMeasures.pearson),
      mean("spearman") { RankMeasures.pearson(RankMeasures.ranks($0), RankMeasures.ranks($1)) },
    ]
  }

  private static func whyUncorrelated(_ truth: [Double], _ outputs: [Double]) -> String? {
    if truth.count < 2 { return "found one record, expected at least two" }
    if truth.allSatisfy({ $0 == truth[0] }) { return "found one and the same label everywhere, expected several" }
    if outputs.allSatisfy({ $0 == outputs[0] }) { return "found one and the same output everywhere, expected several" }
    return nil
  }
}

/// Correlations and what is made of ranks.
enum RankMeasures {
  /// Pearson's correlation; `nil` of fewer than two pairs, or where all of one side are the same.
  static func pearson(_ x: [Double], _ y: [Double]) -> Double? {
    guard x.count > 1, x.contains(where: { $0 != x[0] }), y.contains(where: { $0 != y[0] }) else { return nil }
    func centred(_ values: [Double]) -> [Double] {
      let mean = values.reduce(0, +) / Double(values.count)
      let shifted = values.map { $0 - mean }
      // Scaled first, so that squares of large or tiny numbers stay in range.
      let largest = shifted.map(\.magnitude).max() ?? 0
      let scaled = shifted.map { $0 / largest }
      let norm = scaled.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return scaled.map { $0 / norm }
    }
    let value = zip(centred(x), centred(y)).reduce(0) { $0 + $1.0 * $1.1 }
    return value.isFinite ? min(1, max(-1, value)) : nil
  }

  /// Ranks from 1 on; values that are the same share the mean of theirs.
  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
      start = end
    }
    return ranks
  }

  /// The probability that a true item has a higher score than another, half for the same; `nil` without either kind.
  static func auroc(_ truth: [Bool], _ scores: [Double]) -> Double? {
    let positives = Double(truth.count { $0 }), negatives = Double(truth.count) - positives
    guard positives > 0, negatives > 0 else { return nil }
    let sum = zip(truth, ranks(scores)).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
    return (sum - positives * (positives + 1) / 2) / (positives * negatives)
  }

  /// The mean over labels, which is defined only if each of them is.
  static func meanAUROC(_ labels: [(name: String, truth: [Bool], scores: [Double])]) -> Evaluation.Measure {
    var sum = 0.0
    for label in labels {
      guard let value = auroc(label.truth, label.scores) else {
        let isAbsent = !label.truth.contains(true)
        return Evaluation.Measure(
          "auroc", nil,
          reason:
            "found the label \(quoted(label.name)) \(isAbsent ? "nowhere" : "everywhere"), expected it in some items")
      }
      sum += value
    }
    return Evaluation.Measure("auroc", sum / Double(max(1, labels.count)))
  }
}
