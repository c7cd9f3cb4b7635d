// Measures of labels (scikit-learn: accuracy_score, f1_score, matthews_corrcoef, roc_auc_score).

import Glibc

/// Measures of items that have one label each.
struct ClassMeasures {
  /// The index of each item's label.
  let truth: [Int]
  /// [items, labels].
  let logits: Matrix
  let labels: [String]

  var all: [Evaluation.Measure] {
    // Ties go to the first, as with argmax.
    let found = (0..<logits.rows).map { row -> Int in
      let values = logits.row(row)
      return (values.indices.max { (values[$0], $1) < (values[$1], $0) } ?? values.startIndex) - values.startIndex
    }
    // Of the confusion matrix these three numbers of each label are enough.
    var counts = [BinaryCounts](repeating: BinaryCounts(items: truth.count), count: labels.count)
    for (label, other) in zip(truth, found) {
      counts[label].truths += 1
      counts[other].finds += 1
      if label == other { counts[label].hits += 1 }
    }
    let hits = counts.reduce(0) { $0 + $1.hits }
    // Classes that are neither true nor found of any item are none of the problem's.
    let present = counts.filter { $0.truths + $0.finds > 0 }
    return [
      Evaluation.Measure("accuracy", Double(hits) / Double(truth.count)),
      Evaluation.Measure("macro_f1", present.reduce(0) { $0 + $1.f1 } / Double(max(1, present.count))),
      Evaluation.Measure("mcc", Self.matthews(counts)), auroc,
    ]
  }

  /// Gorodkin's correlation of K classes; 0 where it is not defined, as in scikit-learn.
  private static func matthews(_ counts: [BinaryCounts]) -> Double {
    let n = Double(counts.first?.items ?? 0)
    let hits = counts.reduce(0.0) { $0 + Double($1.hits) }
    func products(_ x: KeyPath<BinaryCounts, Int>, _ y: KeyPath<BinaryCounts, Int>) -> Double {
      counts.reduce(0.0) { $0 + Double($1[keyPath: x]) * Double($1[keyPath: y]) }
    }
    let scale = (n * n - products(\.truths, \.truths)) * (n * n - products(\.finds, \.finds))
    return scale == 0 ? 0 : (hits * n - products(\.truths, \.finds)) / scale.squareRoot()
  }

  /// Of two classes that of the second one's probability, of more the mean over each class against all others.
  private var auroc: Evaluation.Measure {
    guard labels.count > 1 else {
      return Evaluation.Measure("auroc", nil, reason: "found a model with one label, expected at least two")
    }
    let probabilities = (0..<logits.rows).map { row -> [Double] in
      let values = logits.row(row), shift = Loss.logSumExp(values)
      return values.map { exp(Double($0) - shift) }
    }
    let chosen = labels.count == 2 ? [1] : Array(labels.indices)
    return RankMeasures.meanAUROC(
      chosen.map { label in
        (name: labels[label], truth: truth.map { $0 == label }, scores: probabilities.map { $0[label] })
      })
  }
}

/// Measures of items of which any number of labels holds; a label holds if its logit is above 0.
struct LabelMeasures {
  /// [items, labels], 0 or 1.
  let truth: Matrix
  /// [items, labels].
  let logits: Matrix
  let labels: [String]

  var all: [Evaluation.Measure] {
    let right = (0..<truth.rows).count { row in
      zip(truth.row(row), logits.row(row)).allSatisfy { ($0 > 0) == ($1 > 0) }
    }
    let counts = labels.indices.map { label in
      let pairs = (0..<truth.rows).map { (truth: truth[$0, label] > 0, found: logits[$0, label] > 0) }
      return BinaryCounts(
        hits: pairs.count { $0.truth && $0.found }, truths: pairs.count { $0.truth }, finds: pairs.count { $0.found },
        items: pairs.count)
    }
    let number = Double(labels.count)
    return [
      Evaluation.Measure("accuracy", Double(right) / Double(truth.rows)),
      Evaluation.Measure("macro_f1", counts.reduce(0) { $0 + $1.f1 } / number),
      Evaluation.Measure("mcc", counts.reduce(0) { $0 + $1.matthews } / number),
      RankMeasures.meanAUROC(
        labels.indices.map { label in
          let rows = 0..<truth.rows
          return (labels[label], rows.map { truth[$0, label] > 0 }, rows.map { Double(logits[$0, label]) })
        }),
    ]
  }
}

/// How often a label is true, found, and both.
struct BinaryCounts {
  var hits = 0, truths = 0, finds = 0
  let items: Int

  /// The harmonic mean of precision and recall; 0 where the label is neither true nor found.
  var f1: Double { truths + finds == 0 ? 0 : 2 * Double(hits) / Double(truths + finds) }

  /// The correlation of true and found; 0 where either is always the same.
  var matthews: Double {
    let n = Double(items), t = Double(truths), f = Double(finds)
    let scale = t * (n - t) * f * (n - f)
    return scale == 0 ? 0 : (Double(hits) * n - t * f) / scale.squareRoot()
  }
}
