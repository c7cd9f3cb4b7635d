// What a classifier should have said, and what its outputs then are (transformers: `labels` and `problem_type`).

extension Classification {
  /// What a classifier should have said of one sequence.
  public enum Target: Sendable, Equatable {
    /// The index of the sequence's label, or `Loss.ignoredIndex`.
    case label(Int)
    /// The numbers of a regression, or for each label 1 if it holds and 0 if not.
    case values([Float])
    /// The index of the label of each token, or `Loss.ignoredIndex`; one for each row of the logits.
    case tokens([Int])
  }

  /// The loss of a batch, as the reference's `forward(labels:)` gives it.
  ///
  /// - Parameters:
  ///   - outputs: The outputs of one model.
  ///   - targets: One for each.
  ///   - problem: What the outputs mean; `nil` for what they say of themselves.
  /// - Returns: The loss, or `nil` when nothing counts.
  /// - Throws: `ModelError.labels` where a target does not fit.
  public static func loss(
    of outputs: [Classification], _ targets: [Target], problem: Problem? = nil
  ) throws(ModelError) -> Double? {
    guard outputs.count == targets.count else {
      throw .labels(item: nil, found: "\(targets.count)", expected: "\(outputs.count), one for each sequence")
    }
    guard let first = outputs.first else { return nil }
    var evaluation = Evaluation(problem ?? first.problem, labels: first.labels)
    for (output, target) in zip(outputs, targets) { try evaluation.add(output, target) }
    return evaluation.loss
  }

  /// The same outputs with another meaning.
  ///
  /// - Parameter problem: What the outputs mean; those of tokens have one label each whatever it is.
  /// - Returns: The same logits.
  public func interpreted(as problem: Problem) -> Classification {
    Classification(
      problem: isPerToken ? .singleLabel : problem, isPerToken: isPerToken, labels: labels, logits: logits)
  }
}

extension Classification.Problem {
  /// What the outputs of a classifier of sequences are, as the reference infers it.
  ///
  /// - Parameters:
  ///   - stated: What config.json says.
  ///   - labels: The number of outputs.
  ///   - hasIntegerTargets: Whether targets are indices of labels, not numbers for each of them.
  public init(stated: Self?, labels: Int, hasIntegerTargets: Bool) {
    self = stated ?? (labels == 1 ? .regression : hasIntegerTargets ? .singleLabel : .multiLabel)
  }
}
