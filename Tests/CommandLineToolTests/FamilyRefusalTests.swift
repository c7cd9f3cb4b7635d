// What the commands of the language models refuse, leave alone or clean up, on the built program.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct FamilyRefusalTests {
  private let scratch: ScratchFolder
  private let cache: [String: String]

  init() throws {
    scratch = try ScratchFolder()
    cache = ["ESMFOLD_CACHE": scratch.path + "/cache"]
  }

  private static func model(_ name: String) -> String { Fixtures.path("family/\(name)") }

  /// A fixture's model with other fields in its configuration, or with another file beside it.
  private func changed(_ name: String, _ fields: [String: Any], vocabulary: String? = nil) throws -> String {
    let folder = scratch.path + "/model", original = Self.model(name)
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try FileManager.default.copyItem(atPath: original + "/model.safetensors", toPath: folder + "/model.safetensors")
    let data = try Data(contentsOf: URL(fileURLWithPath: original + "/config.json"))
    var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    object.merge(fields) { $1 }
    try JSONSerialization.data(withJSONObject: object).write(to: URL(fileURLWithPath: folder + "/config.json"))
    if let vocabulary { _ = try scratch.file("model/vocab.txt", vocabulary) }
    return folder
  }

  @Test("Configurations that the reference refuses, or that mean another alphabet, are refused by name")
  func configurations() throws {
    let cases: [(name: String, fields: [String: Any], message: String)] = [
      ("untied", ["rope_theta": -3.0], "rope_theta: found -3.0, expected more than 0"),
      ("untied", ["rope_theta": 0], "rope_theta: found 0.0, expected more than 0"),
      ("esm2", ["vocab_list": ["A", "<cls>"]], "config.json: vocab_list: found no <pad>, expected <cls>"),
      (
        "regression", ["problem_type": "single_label_classification"],
        "problem_type: found \"single_label_classification\" with one label, expected \"regression\""
      ),
    ]
    for (name, fields, message) in cases {
      let model = try changed(name, fields)
      let ran = try Binary.run(["score", "--model", model], input: Data("MKT\n".utf8), environment: cache)
      #expect(ran.status == 1 && ran.output.isEmpty && ran.error.contains(message), "\(ran.error)")
    }
  }

  @Test("A vocab.txt that says other than the configuration") func vocabulary() throws {
    let shuffled = try String(
      contentsOfFile: Fixtures.path("family/tokenizer/shuffled-vocab.txt"), encoding: .utf8)
    let standard = try String(
      contentsOfFile: Fixtures.path("family/tokenizer/standard-vocab.txt"), encoding: .utf8)
    let fasta = Data("MKT\n".utf8)
    for (text, status) in [(shuffled, 1), (standard + "\nAAAAAA\n", 1), (standard + "\n", 0), (standard, 0)] {
      let model = try changed("esm2", [:], vocabulary: text)
      let ran = try Binary.run(["score", "--model", model], input: fasta, environment: cache)
      #expect(ran.status == Int32(status), "\(ran.error)")
      #expect(status == 0 || ran.error.contains("model/vocab.txt: token"), "\(ran.error)")
      try? FileManager.default.removeItem(atPath: scratch.path + "/cache")
    }
  }
}
