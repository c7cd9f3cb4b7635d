// The output of a classifier for a sequence or its residues.

import Glibc

/// The outputs of a classifier.
public struct Classification: Sendable {
  /// What the outputs mean, by `problem_type` of the checkpoint's config.json.
  public enum Problem: String, Sendable, CaseIterable {
    /// Plain numbers.
    case regression
    /// One label of several: softmax.
    case singleLabel = "single_label_classification"
    /// Each label for itself: sigmoid.
    case multiLabel = "multi_label_classification"
  }

  /// What the outputs mean. Tokens have one label each.
  public let problem: Problem
  /// Whether there is a row for each token (`<cls>` and `<eos>` included) in place of one for the sequence.
  public let isPerToken: Bool
  /// Names of the columns, by `id2label`.
  public let labels: [String]
  /// [1, labels] or [tokens, labels].
  public let logits: Matrix

  /// Outputs of any classifier with these labels, one column of logits for each.
  ///
  /// - Parameters:
  ///   - problem: What the outputs mean.
  ///   - isPerToken: Whether there is a row for each token in place of one for the sequence.
  ///   - labels: Names of the columns.
  ///   - logits: [1, labels] or [tokens, labels].
  public init(problem: Problem, isPerToken: Bool, labels: [String], logits: Matrix) {
    precondition(logits.columns == labels.count && (isPerToken || logits.rows == 1), "\(logits.rows) rows")
    self.problem = problem
    self.isPerToken = isPerToken
    self.labels = labels
    self.logits = logits
  }

  /// Probabilities in the form of the logits: softmax over the labels, or a sigmoid of each; `nil` for a regression.
  public var probabilities: Matrix? {
    switch problem {
    case .regression: return nil
    case .multiLabel:
      return Matrix(rows: logits.rows, columns: logits.columns, values: logits.values.map { 1 / (1 + expf(-$0)) })
    case .singleLabel:
      let values = (0..<logits.rows).flatMap { Self.softmax(logits.row($0)) }
      return Matrix(rows: logits.rows, columns: logits.columns, values: values)
    }
  }

  /// The labels of a row: the most probable one, all above one half of a multi-label problem, none of a regression.
  public func labels(ofRow row: Int) -> [String] {
    let logits = logits.row(row)
    switch problem {
    case .regression: return []
    case .multiLabel: return zip(labels, logits).filter { $0.1 > 0 }.map { $0.0 }
    case .singleLabel:
      // Ties go to the first.
      let best = logits.indices.max { (logits[$0], $1) < (logits[$1], $0) }
      return best.map { [labels[$0 - logits.startIndex]] } ?? []
    }
  }

  private static func softmax(_ logits: ArraySlice<Float>) -> [Float] {
    let largest = logits.max() ?? 0
    let numerators = logits.map { expf($0 - largest) }
    let sum = numerators.reduce(0, +)
    return numerators.map { $0 / sum }
  }
}
