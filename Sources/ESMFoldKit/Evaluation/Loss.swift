// The losses of the reference's heads (transformers: `forward(labels:)` of EsmForMaskedLM, EsmForSequenceClassification
// and EsmForTokenClassification; PyTorch: CrossEntropyLoss, MSELoss, BCEWithLogitsLoss).

import Glibc

/// How far outputs are from what they should be: means over a batch, summed in double precision.
public enum Loss {
  /// The label of an item that does not count in a cross entropy.
  public static let ignoredIndex = -100

  /// The mean of −log softmax(logits)[label] over all rows with a label.
  ///
  /// - Parameters:
  ///   - logits: [n, classes].
  ///   - labels: n indices of classes, or `ignoredIndex`.
  /// - Returns: The loss, or `nil` when no row has a label (PyTorch: NaN).
  /// - Throws: `ModelError.labels`.
  public static func crossEntropy(_ logits: Matrix, labels: [Int]) throws(ModelError) -> Double? {
    try check(count: labels.count, expected: logits.rows)
    var sum = 0.0, count = 0
    for (row, label) in labels.enumerated() where label != ignoredIndex {
      try check(label, item: row, classes: logits.columns)
      let values = logits.row(row)
      sum += logSumExp(values) - Double(values[values.startIndex + label])
      count += 1
    }
    return count == 0 ? nil : sum / Double(count)
  }

  /// The mean of (output − target)² over all values.
  ///
  /// - Parameters:
  ///   - outputs: [n, columns].
  ///   - targets: [n, columns].
  /// - Returns: The loss, or `nil` without values.
  /// - Throws: `ModelError.labels`.
  public static func meanSquaredError(_ outputs: Matrix, targets: Matrix) throws(ModelError) -> Double? {
    try mean(outputs, targets) { output, target in (output - target) * (output - target) }
  }

  /// The mean of −t log σ(x) − (1 − t) log(1 − σ(x)) over all logits x and their targets t.
  ///
  /// - Parameters:
  ///   - logits: [n, labels].
  ///   - targets: [n, labels], usually 0 or 1.
  /// - Returns: The loss, or `nil` without values.
  /// - Throws: `ModelError.labels`.
  public static func binaryCrossEntropy(_ logits: Matrix, targets: Matrix) throws(ModelError) -> Double? {
    try mean(logits, targets) { logit, target in max(logit, 0) - logit * target + log1p(exp(-logit.magnitude)) }
  }

  private static func mean(
    _ outputs: Matrix, _ targets: Matrix, _ loss: (_ output: Double, _ target: Double) -> Double
  ) throws(ModelError) -> Double? {
    try check(count: targets.rows, expected: outputs.rows)
    guard targets.columns == outputs.columns else {
      throw .labels(item: nil, found: "\(targets.columns) columns", expected: "\(outputs.columns), as the outputs")
    }
    guard !outputs.values.isEmpty else { return nil }
    let sum = zip(outputs.values, targets.values).reduce(0.0) { $0 + loss(Double($1.0), Double($1.1)) }
    return sum / Double(outputs.values.count)
  }

  private static func check(count: Int, expected: Int) throws(ModelError) {
    guard count == expected else {
      throw .labels(item: nil, found: "\(count)", expected: "\(expected), one for each row of the outputs")
    }
  }

  /// Throws unless a label is the index of a class.
  static func check(_ label: Int, item: Int?, classes: Int) throws(ModelError) {
    guard !(0..<classes).contains(label) else { return }
    throw .labels(item: item, found: "\(label)", expected: "0 to \(classes - 1), or \(ignoredIndex) for none")
  }

  /// log Σ exp x.
  static func logSumExp(_ logits: ArraySlice<Float>) -> Double {
    let largest = Double(logits.max() ?? 0)
    return largest + log(logits.reduce(0.0) { $0 + exp(Double($1) - largest) })
  }
}

extension ESM {
  /// The masked-language head's loss for a batch: the mean over all tokens of all readings that have a label.
  ///
  /// - Parameters:
  ///   - readings: Readings with logits.
  ///   - labels: For each reading the id that each of its tokens should have, or `Loss.ignoredIndex`.
  /// - Returns: The loss, or `nil` when no token has a label.
  /// - Throws: `ModelError.labels`.
  public static func maskedLanguageLoss(
    of readings: [Reading], labels: [[Int]]
  ) throws(ModelError) -> Double? {
    guard readings.count == labels.count else {
      throw .labels(item: nil, found: "\(labels.count)", expected: "\(readings.count), one list for each reading")
    }
    var values: [Float] = [], columns = 0
    for (item, reading) in readings.enumerated() {
      guard let logits = reading.logits else {
        throw .labels(item: item, found: "a reading without logits", expected: "one with logits")
      }
      guard labels[item].count == logits.rows else {
        throw .labels(item: item, found: "\(labels[item].count)", expected: "\(logits.rows), one for each token")
      }
      columns = logits.columns
      values += logits.values
    }
    let logits = Matrix(rows: columns == 0 ? 0 : values.count / columns, columns: columns, values: values)
    return try Loss.crossEntropy(logits, labels: labels.flatMap(\.self))
  }
}
