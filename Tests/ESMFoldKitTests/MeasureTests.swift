// Measures against scikit-learn and SciPy, on random and on degenerate outputs (Scripts/golden_inputs.py).

import ESMFoldKit
import Foundation
import TestSupport
import Testing

private let tolerance = 1e-9

@Suite("Measures") struct MeasureTests {
  private struct Case: Decodable {
    let what: String, problem: String, outputs: [[Float]], truth: Truth
    let loss: Double?, accuracy: Double?, macro_f1: Double?, mcc: Double?, auroc: Double?
    let mse: Double?, pearson: Double?, spearman: Double?

    func value(_ name: String) -> Double? {
      [
        "accuracy": accuracy, "macro_f1": macro_f1, "mcc": mcc, "auroc": auroc, "mse": mse, "pearson": pearson,
        "spearman": spearman,
      ][name] ?? nil
    }
  }

  private enum Truth: Decodable {
    case indices([Int]), values([[Float]])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      self = try (try? container.decode([Int].self)).map { .indices($0) } ?? .values(container.decode([[Float]].self))
    }
  }

  private static func cases() throws -> [Case] {
    let url = URL(fileURLWithPath: Fixtures.path("family/measures.json"))
    return try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
  }

  private static func evaluated(_ golden: Case) throws -> Evaluation {
    let problem: Classification.Problem =
      golden.problem == "single" ? .singleLabel : golden.problem == "multi" ? .multiLabel : .regression
    let labels = (0..<(golden.outputs.first?.count ?? 0)).map { "label \($0)" }
    var evaluation = Evaluation(problem, labels: labels)
    for (index, row) in golden.outputs.enumerated() {
      let output = Classification(
        problem: problem, isPerToken: false, labels: labels, logits: Matrix(rows: 1, columns: row.count, values: row))
      switch golden.truth {
      case .indices(let indices): try evaluation.add(output, .label(indices[index]))
      case .values(let values): try evaluation.add(output, .values(values[index]))
      }
    }
    return evaluation
  }

  @Test("Every measure of every case") func all() throws {
    let cases = try Self.cases()
    #expect(cases.count == 24)
    var undefined = 0
    for golden in cases {
      let evaluation = try Self.evaluated(golden)
      #expect(evaluation.count == golden.outputs.count)
      let loss = try #require(evaluation.loss), expected = try #require(golden.loss)
      #expect(
        abs(loss - expected) <= tolerance * max(1, expected), "\(golden.what): loss \(loss), expected \(expected)")
      #expect(evaluation.measures.count == (golden.problem == "regression" ? 3 : 4))
      for measure in evaluation.measures {
        let expected = golden.value(measure.name)
        let note = Comment(rawValue: "\(golden.what): \(measure), expected \(expected.map { "\($0)" } ?? "none")")
        if let expected, let value = measure.value {
          #expect(abs(value - expected) <= tolerance * max(1, abs(expected)) && measure.reason == nil, note)
        } else {
          #expect(expected == nil && measure.value == nil && measure.reason?.contains(", expected ") == true, note)
          undefined += 1
        }
      }
    }
    // Seven areas under the curve, and both correlations of three regressions.
    #expect(undefined == 13)
  }

  @Test("Outputs that are not finite, and soft labels, have no measures; a NaN never comes out") func notFinite() throws
  {
    func evaluation(_ logits: [Float], _ target: [Float], _ problem: Classification.Problem) throws -> Evaluation {
      var evaluation = Evaluation(problem, labels: ["a", "b"])
      let output = Classification(
        problem: problem, isPerToken: false, labels: ["a", "b"],
        logits: Matrix(rows: 1, columns: 2, values: logits))
      for _ in 0..<3 { try evaluation.add(output, problem == .singleLabel ? .label(1) : .values(target)) }
      return evaluation
    }
    for problem in Classification.Problem.allCases {
      for logits in [[Float.nan, 1], [1, .infinity], [-.infinity, 0]] {
        let found = try evaluation(logits, [0, 1], problem)
        #expect(found.loss?.isNaN != true && found.measures.allSatisfy { $0.value == nil })
        #expect(found.measures.allSatisfy { $0.reason?.contains("not finite") == true })
      }
    }
    let soft = try evaluation([1, -1], [0.5, 0], .multiLabel)
    #expect(soft.loss != nil && soft.measures.allSatisfy { $0.value == nil && $0.reason?.contains("0 and 1") == true })
    let huge = try evaluation([3e38, 1], [-3e38, 1], .regression)
    #expect(huge.loss?.isFinite == true)
  }

  @Test("A label that is missing is named") func reasons() throws {
    let named = try Self.cases().filter { $0.auroc == nil && $0.accuracy != nil }.map { golden in
      (golden.what, try Self.evaluated(golden).measures.last?.reason ?? "")
    }
    let reasons = Dictionary(uniqueKeysWithValues: named)
    #expect(reasons["one class only"] == "found the label \"label 1\" everywhere, expected it in some items")
    #expect(reasons["a class that is never true"] == "found the label \"label 2\" nowhere, expected it in some items")
    #expect(reasons["a label that always holds"] == "found the label \"label 2\" everywhere, expected it in some items")
  }
}
