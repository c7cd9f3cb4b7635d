// The loss that `esmfold classify --labels` prints, against the reference's.

import Foundation
import TestSupport
import Testing

/// Relative: float32 logits, of which a loss is printed with seven digits.
private let tolerance = 2e-5

@Suite(.timeLimit(minutes: 20)) struct LabelLossBinaryTests {
  private struct File: Decodable {
    struct Case: Decodable {
      let model: String, problem: String?, labels: Labels, loss: Double?
    }
    let cases: [Case]
  }

  private enum Labels: Decodable {
    case one([Int]), several([[Double]])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      self = try (try? container.decode([Int].self)).map { .one($0) } ?? .several(container.decode([[Double]].self))
    }

    /// As a file has them: residues without the tokens around them.
    func texts(perToken: Bool) -> [String] {
      switch self {
      case .one(let indices): indices.map { "\($0)" }
      case .several(let lists) where perToken:
        lists.map { list in list.dropFirst().dropLast().map { $0 < 0 ? "-" : "\(Int($0))" }.joined(separator: " ") }
      case .several(let lists): lists.map { list in list.map { "\(Float($0))" }.joined(separator: "\t") }
      }
    }
  }

  @Test("The loss is the reference's, for every head and problem") func losses() throws {
    let content = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("family/losses.json")))
    var tried = 0
    for golden in try JSONDecoder().decode(File.self, from: content).cases {
      guard !golden.model.hasPrefix("esm"), golden.model != "untied" else { continue }
      // One case has another problem_type than the file.
      if golden.model == "multi-label", golden.problem == "regression" { continue }
      let texts = golden.labels.texts(perToken: golden.model == "tokens")
      let ran = try LabelledRun.run(LabelledRun.tsv(texts), model: golden.model)
      let found = LabelledRun.measures(ran)
      #expect(ran.status == 0, "\(ran.error)")
      if let expected = golden.loss {
        let loss = found["loss"].flatMap { Double($0) } ?? .nan
        #expect(abs(loss - expected) <= tolerance * expected, "\(golden.model): \(loss), expected \(expected)")
      } else {
        #expect(found["loss"] == "NA" && found["count"] == "0" && found["accuracy"] == "NA")
      }
      let json = try LabelledRun.run(LabelledRun.tsv(texts), ["--format", "json"], model: golden.model)
      let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      #expect(object["problem"] as? String == golden.problem ?? "single_label_classification")
      for (name, text) in found where name != "measure" {
        let value = object[name] as? Double
        #expect(value == nil ? text == "NA" : abs((value ?? 0) - (Double(text) ?? .nan)) < 1e-5, "\(name)")
      }
      tried += 1
    }
    #expect(tried == 9)
  }
}
