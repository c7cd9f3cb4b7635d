// The losses of each head against the reference's `forward(labels=…).loss` (Scripts/golden_inputs.py).

import ESMFoldKit
import Foundation
import TestSupport
import Testing

/// Relative: float32 logits and sums.
private let tolerance = 2e-5

@Suite("Losses") struct LossTests {
  private struct File: Decodable {
    struct Case: Decodable {
      let model: String, problem: String?, labels: Labels, loss: Double?
    }
    let tokens: [[Int]], cases: [Case]
  }

  private enum Labels: Decodable {
    case one([Int]), several([[Double]])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      self = try (try? container.decode([Int].self)).map { .one($0) } ?? .several(container.decode([[Double]].self))
    }
  }

  private static func file() throws -> File {
    let url = URL(fileURLWithPath: Fixtures.path("family/losses.json"))
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
  }

  private static func expectClose(_ found: Double?, _ expected: Double?, _ note: Comment) {
    guard let found, let expected else {
      #expect(found == nil && expected == nil, note)
      return
    }
    #expect(abs(found - expected) <= tolerance * max(1, abs(expected)), "\(note): \(found), expected \(expected)")
  }

  @Test("Every batch has the reference's loss") func batches() throws {
    let file = try Self.file()
    #expect(file.cases.count == 14 && file.cases.count { $0.loss == nil } == 3)
    for (number, golden) in file.cases.enumerated() {
      let model = try FamilyGolden.model(golden.model), note = Comment(rawValue: "\(number), \(golden.model)")
      if model.description.hasMaskedLanguageHead {
        guard case .several(let labels) = golden.labels else { continue }
        let readings = try model.read(file.tokens, ESM.Wanted(logits: true))
        let found = try ESM.maskedLanguageLoss(of: readings, labels: labels.map { $0.map { Int($0) } })
        Self.expectClose(found, golden.loss, note)
        continue
      }
      let outputs = try model.read(file.tokens, ESM.Wanted(classification: true)).compactMap(\.classification)
      let targets: [Classification.Target]
      switch golden.labels {
      case .one(let indices): targets = indices.map { .label($0) }
      case .several(let lists) where model.description.hasTokenClassifier:
        targets = lists.map { .tokens($0.map { Int($0) }) }
      case .several(let lists): targets = lists.map { .values($0.map { Float($0) }) }
      }
      let isInteger = if case .label = targets[0] { true } else { false }
      var problem: Classification.Problem?
      if !model.description.hasTokenClassifier {
        let inferred = Classification.Problem(
          stated: model.description.problem, labels: model.description.labels.count, hasIntegerTargets: isInteger)
        problem = golden.problem.flatMap(Classification.Problem.init(rawValue:))
        #expect(problem != nil, note)
        // One case has another problem_type than the file.
        #expect(inferred == problem || golden.model == "multi-label" && problem == .regression, note)
      }
      Self.expectClose(try Classification.loss(of: outputs, targets, problem: problem), golden.loss, note)
    }
  }

  @Test("problem_type is stated, or follows from the labels") func problems() throws {
    let stated = try ["regression", "single-label", "multi-label", "tokens"].map {
      try FamilyGolden.model($0).description.problem
    }
    #expect(stated == [.regression, nil, .multiLabel, nil])
    typealias Problem = Classification.Problem
    #expect(Problem(stated: nil, labels: 1, hasIntegerTargets: true) == .regression)
    #expect(Problem(stated: nil, labels: 2, hasIntegerTargets: true) == .singleLabel)
    #expect(Problem(stated: nil, labels: 2, hasIntegerTargets: false) == .multiLabel)
    #expect(Problem(stated: .singleLabel, labels: 1, hasIntegerTargets: false) == .singleLabel)
  }

  @Test("Losses of extreme logits are finite, and exact where they are known") func extremes() throws {
    let logits = Matrix(rows: 2, columns: 2, values: [1000, -1000, 0, 0])
    #expect(try Loss.crossEntropy(logits, labels: [1, Loss.ignoredIndex]) == 2000)
    #expect(try Loss.crossEntropy(logits, labels: [0, 1]) == 0.5 * log(2.0))
    let flags = Matrix(rows: 2, columns: 2, values: [0, 1, 1, 0])
    #expect(try Loss.binaryCrossEntropy(logits, targets: flags) == (2000 + 2 * log(2.0)) / 4)
    let squares: [Double] = [1000 * 1000, 1001 * 1001, 1, 0]
    #expect(try Loss.meanSquaredError(logits, targets: flags) == squares.reduce(0, +) / 4)
    let nothing = Matrix(rows: 0, columns: 2, values: [])
    #expect(try Loss.crossEntropy(nothing, labels: []) == nil)
    #expect(try Loss.meanSquaredError(nothing, targets: nothing) == nil)
  }

  @Test("Labels that do not fit are refused, and nothing is added") func refusals() throws {
    let logits = Matrix(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "fits"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      message { _ = try Loss.crossEntropy(logits, labels: [0, 3]) }
        == "labels of item 1: found 3, expected 0 to 2, or -100 for none")
    #expect(message { _ = try Loss.crossEntropy(logits, labels: [-1, 0]) }.contains("found -1"))
    #expect(message { _ = try Loss.crossEntropy(logits, labels: [0]) }.contains("found 1, expected 2"))
    let narrow = Matrix(rows: 2, columns: 1, values: [0, 0])
    #expect(
      message { _ = try Loss.binaryCrossEntropy(logits, targets: narrow) }.contains("found 1 columns, expected 3"))
    #expect(
      message { _ = try Loss.meanSquaredError(logits, targets: Matrix(rows: 1, columns: 3, values: [1, 2, 3])) }
        != "fits")
    let labels = try FamilyGolden.model("single-label"), tokens = try FamilyGolden.model("tokens")
    let wanted = ESM.Wanted(classification: true)
    let output = try #require(try labels.read([[0, 5, 2]], wanted)[0].classification)
    let perToken = try #require(try tokens.read([[0, 5, 2]], wanted)[0].classification)
    var single = Evaluation(.singleLabel, labels: labels.description.labels)
    #expect(
      message { try single.add(output, .values([0, 1, 0])) }.contains("found numbers, expected the index of a label"))
    #expect(message { try single.add(output, .tokens([0, 1, 2])) }.contains("found labels of tokens"))
    #expect(message { try single.add(perToken, .tokens([0, 1])) }.contains("found 2, expected 3, one for each token"))
    #expect(message { try single.add(perToken, .tokens([0, 1, 3])) }.contains("found 3, expected 0 to 2"))
    #expect(single.count == 0 && single.loss == nil)
    #expect(single.measures.allSatisfy { $0.value == nil && $0.reason == "found no labels, expected at least one" })
    var multi = Evaluation(.multiLabel, labels: labels.description.labels)
    #expect(message { try multi.add(output, .values([0, 1])) }.contains("found 2 numbers, expected 3"))
    #expect(message { try multi.add(output, .label(0)) }.contains("expected 3 numbers"))
    var other = Evaluation(.singleLabel, labels: ["a", "b"])
    #expect(message { try other.add(output, .label(0)) }.contains("found 3 outputs, expected 2"))
    #expect(message { _ = try Classification.loss(of: [output], []) }.contains("found 0, expected 1"))
    #expect(message { _ = try ESM.maskedLanguageLoss(of: [], labels: [[]]) }.contains("expected 0"))
    let bare = try labels.read([[0, 5, 2]], ESM.Wanted())
    #expect(message { _ = try ESM.maskedLanguageLoss(of: bare, labels: [[0, 0, 0]]) }.contains("without logits"))
  }
}
