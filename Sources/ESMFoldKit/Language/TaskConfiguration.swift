// What a fine-tuned checkpoint's config.json says about its labels.

import Platform
package import Weights

/// A classifier's labels and how to interpret its outputs (transformers: `problem_type`, `num_labels`, `id2label`).
package struct TaskConfiguration: Sendable, Equatable {
  /// Names of the outputs, in their order.
  package let labels: [String]
  /// What the outputs of a sequence classifier are.
  package let problem: Classification.Problem
  /// The same where `problem_type` or a single label says it; `nil` where targets would decide.
  package let statedProblem: Classification.Problem?
  /// Names of the reference's classes that the checkpoint was saved from; often empty.
  package let architectures: [String]

  /// Decodes the fields at the root of a config.json.
  ///
  /// - Parameter fields: The root.
  /// - Throws: The first field that is not supported or contradicts another.
  package init(_ fields: ConfigurationFields) throws(ConfigurationError) {
    labels = try Self.labels(fields)
    architectures = try fields.strings("architectures") ?? []
    guard let type = try fields.string("problem_type") else {
      // The reference decides this when it first sees a target; for several labels it also looks at the target's type.
      statedProblem = labels.count == 1 ? .regression : nil
      problem = statedProblem ?? .singleLabel
      return
    }
    guard let problem = Classification.Problem(rawValue: type) else {
      throw .unsupported(
        field: "problem_type", found: quoted(type),
        expected: "one of " + Classification.Problem.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
    }
    guard problem != .singleLabel || labels.count > 1 else {
      throw .unsupported(
        field: "problem_type", found: "\(quoted(type)) with one label",
        expected: "\"regression\", or at least two labels to choose from")
    }
    self.problem = problem
    statedProblem = problem
  }

  /// The names of `id2label` by their ids 0, 1, …; without them `LABEL_0`, … of `num_labels`, which is 2 by default.
  private static func labels(_ fields: ConfigurationFields) throws(ConfigurationError) -> [String] {
    let count = try fields.integer("num_labels")
    if let count { try ConfigurationError.require("num_labels", count, in: 1...ConfigurationError.largestExtent) }
    guard let named = try fields.namedStrings("id2label") else { return (0..<(count ?? 2)).map { "LABEL_\($0)" } }
    guard !named.isEmpty else { throw .unsupported(field: "id2label", found: "no label", expected: "at least one") }
    var labels = [String?](repeating: nil, count: named.count)
    for (key, value) in named {
      guard let id = Int(key), labels.indices.contains(id), labels[id] == nil else {
        throw .unsupported(
          field: "id2label", found: quoted(key), expected: "each of the ids 0 to \(named.count - 1) once")
      }
      labels[id] = value
    }
    guard count ?? named.count == named.count else {
      throw .unsupported(
        field: "num_labels", found: "\(count ?? 0)", expected: "\(named.count), as many as id2label names")
    }
    return labels.compactMap { $0 }
  }
}
