// Outputs of a classifier beside what they should have been: the loss and the usual measures.

/// Collects the outputs of a classifier and their targets, and compares them.
///
///     var evaluation = Evaluation(.singleLabel, labels: model.description.labels)
///     for (reading, label) in zip(readings, labels) {
///       if let output = reading.classification { try evaluation.add(output, .label(label)) }
///     }
///     print(evaluation.loss, evaluation.measures)
///
/// It keeps a float for each label of each item, because ranks need all of them.
public struct Evaluation: Sendable {
  /// What the outputs mean.
  public let problem: Classification.Problem
  /// Names of the outputs.
  public let labels: [String]
  /// The sequences, or tokens, that count.
  public private(set) var count = 0
  /// [count, labels].
  private var logits: [Float] = []
  /// Indices of labels, of a single-label problem.
  private var classes: [Int] = []
  /// [count, labels], of the other problems.
  private var values: [Float] = []

  /// A measure of how well outputs and targets agree.
  public struct Measure: Sendable, Equatable {
    /// Its name: `accuracy`, `macro_f1`, `mcc`, `auroc`; `mse`, `pearson`, `spearman`.
    public let name: String
    /// Its value; `nil` where it is not defined.
    public let value: Double?
    /// Why it is not defined, `found X, expected Y`.
    public let reason: String?

    init(_ name: String, _ value: Double?, reason: String? = nil) {
      self.name = name
      let isFinite = value?.isFinite ?? true
      self.value = isFinite ? value : nil
      self.reason = isFinite ? value == nil ? reason : nil : "found a value that is not finite, expected a finite one"
    }
  }

  /// Nothing yet.
  ///
  /// - Parameters:
  ///   - problem: What the outputs mean; those of tokens have one label each.
  ///   - labels: Names of the outputs.
  public init(_ problem: Classification.Problem, labels: [String]) {
    self.problem = problem
    self.labels = labels
  }

  /// Adds the outputs for one sequence; what has the label `Loss.ignoredIndex` does not count.
  ///
  /// - Parameters:
  ///   - outputs: The outputs, of as many labels as this has.
  ///   - target: What they should be.
  /// - Throws: `ModelError.labels`; nothing was added then.
  public mutating func add(_ outputs: Classification, _ target: Classification.Target) throws(ModelError) {
    guard outputs.logits.columns == labels.count else {
      throw .labels(item: count, found: "\(outputs.logits.columns) outputs", expected: "\(labels.count)")
    }
    switch target {
    case .label(let label):
      guard problem == .singleLabel, outputs.logits.rows == 1 else { throw unfit("the index of a label", outputs) }
      try add(outputs.logits, [label])
    case .tokens(let tokens):
      guard outputs.isPerToken else { throw unfit("labels of tokens", outputs) }
      guard tokens.count == outputs.logits.rows else {
        throw .labels(item: count, found: "\(tokens.count)", expected: "\(outputs.logits.rows), one for each token")
      }
      try add(outputs.logits, tokens)
    case .values(let numbers):
      guard problem != .singleLabel, outputs.logits.rows == 1 else { throw unfit("numbers", outputs) }
      guard numbers.count == labels.count else {
        throw .labels(item: count, found: "\(numbers.count) numbers", expected: "\(labels.count), one for each output")
      }
      logits += outputs.logits.values
      values += numbers
      count += 1
    }
  }

  private mutating func add(_ outputs: Matrix, _ indices: [Int]) throws(ModelError) {
    for label in indices where label != Loss.ignoredIndex {
      try Loss.check(label, item: count, classes: labels.count)
    }
    for (row, label) in indices.enumerated() where label != Loss.ignoredIndex {
      logits += outputs.row(row)
      classes.append(label)
      count += 1
    }
  }

  private func unfit(_ found: String, _ outputs: Classification) -> ModelError {
    let expected =
      outputs.isPerToken
      ? "labels of tokens" : problem == .singleLabel ? "the index of a label" : "\(labels.count) numbers"
    return .labels(item: count, found: found, expected: expected)
  }

  private var outputs: Matrix { Matrix(rows: count, columns: labels.count, values: logits) }
  private var targets: Matrix { Matrix(rows: count, columns: labels.count, values: values) }

  /// The reference's loss for all items as one batch; `nil` when nothing counts, or outputs are not finite.
  public var loss: Double? {
    let loss: Double?? =
      switch problem {
      case .singleLabel: try? Loss.crossEntropy(outputs, labels: classes)
      case .multiLabel: try? Loss.binaryCrossEntropy(outputs, targets: targets)
      case .regression: try? Loss.meanSquaredError(outputs, targets: targets)
      }
    guard let value = loss ?? nil, value.isFinite else { return nil }
    return value
  }

  /// Accuracy, macro F1, Matthews correlation and area under the ROC curve of labels; squared error and correlations of
  /// a regression. As scikit-learn and SciPy define them, also where a class is absent or all values are the same.
  public var measures: [Measure] {
    let names =
      problem == .regression ? ["mse", "pearson", "spearman"] : ["accuracy", "macro_f1", "mcc", "auroc"]
    guard count > 0 else { return names.map { Measure($0, nil, reason: "found no labels, expected at least one") } }
    guard logits.allSatisfy(\.isFinite), values.allSatisfy(\.isFinite) else {
      return names.map { Measure($0, nil, reason: "found numbers that are not finite, expected finite ones") }
    }
    switch problem {
    case .singleLabel:
      return ClassMeasures(truth: classes, logits: outputs, labels: labels).all
    case .multiLabel:
      guard values.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        return names.map { Measure($0, nil, reason: "found targets between 0 and 1, expected 0 and 1") }
      }
      return LabelMeasures(truth: targets, logits: outputs, labels: labels).all
    case .regression:
      return NumberMeasures(truth: targets, outputs: outputs, labels: labels).all
    }
  }
}
