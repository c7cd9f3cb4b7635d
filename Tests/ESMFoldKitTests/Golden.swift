// The reference's values: tensors by name, and the request that produced them.

import Checkpoints
import Protein
import Tensors
import TestSupport
import Testing
import Weights

/// One file of goldens (see Tests/Fixtures/README.md).
struct Golden: CustomTestStringConvertible {
  /// Configuration and file, such as "folding-a" and "L13-r0".
  let model: String, name: String

  var testDescription: String { "\(model)/\(name)" }

  /// Every golden file of a whole run.
  static let all: [Golden] =
    ["folding-a", "folding-b"].flatMap { model in
      [1, 2, 13, 47].flatMap { length in
        ["r0", "rdefault"].map { Golden(model: model, name: "L\(length)-\($0)") }
      }
    } + ["folding-c", "folding-d"].map { Golden(model: $0, name: "L5-rdefault") }

  /// Whether the run used the model's own number of passes.
  var hasDefaultRecycles: Bool { name.hasSuffix("default") }

  /// Reads the file.
  func open() throws -> Safetensors { try Safetensors(Fixtures.path("folding/\(model)/\(name).safetensors")) }

  /// The model that produced the values, as if imported.
  static func store(_ model: String) throws -> WeightStore {
    let source = try ModelSource(Fixtures.path("folding/\(model)"))
    let tensors = try Safetensors("\(source.folder)/\(source.weights)").tensors()
    return WeightStore(
      path: source.path, modelName: model, configJSON: try source.configuration(), tensors: tensors)
  }
}

extension Safetensors {
  /// The values of every tensor by name.
  func allValues() throws -> [String: [Float]] {
    var values: [String: [Float]] = [:]
    for tensor in try tensors() { values[tensor.name] = tensor.floats() }
    return values
  }
}
