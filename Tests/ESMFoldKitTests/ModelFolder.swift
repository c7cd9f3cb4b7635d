// Modified models of the fixtures, in memory or as a folder that a user could name.

import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// A model of the fixtures that a test may change before it is opened.
struct ChangedModel {
  var configuration: [String: Any]
  var tensors: [StoredTensor]
  let name: String

  /// The unmodified model.
  init(_ name: String, in folder: String = "family") throws {
    let source = try ModelSource(Fixtures.path("\(folder)/\(name)"))
    let text = Data(try source.configuration().utf8)
    configuration = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    tensors = try Safetensors("\(source.folder)/\(source.weights)").tensors()
    self.name = name
  }

  /// The names of all tensors.
  var names: [String] { tensors.map(\.name) }

  /// The tensor with a name.
  func tensor(_ name: String) throws -> StoredTensor { try #require(tensors.first { $0.name == name }, "no \(name)") }

  /// Removes a tensor.
  mutating func remove(_ name: String) { tensors.removeAll { $0.name == name } }

  /// Adds a float32 tensor, replacing any of the same name.
  mutating func put(_ name: String, _ shape: [Int], _ values: [Float]) {
    let place = tensors.firstIndex { $0.name == name } ?? tensors.count
    let buffer = Buffer(zeroedByteCount: max(1, values.count) * 4)
    for (index, value) in values.enumerated() {
      buffer.base.storeBytes(of: value, toByteOffset: index * 4, as: Float.self)
    }
    let tensor = StoredTensor(name: name, elementType: .float32, shape: shape, buffer: buffer, byteOffset: 0)
    tensors.replaceSubrange(place..<min(place + 1, tensors.count), with: [tensor])
  }

  /// Adds a tensor of equal values.
  mutating func put(_ name: String, _ shape: [Int], of value: Float = 0) {
    put(name, shape, [Float](repeating: value, count: shape.reduce(1, *)))
  }

  /// The text of the configuration.
  func json() throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: configuration, options: .sortedKeys), as: UTF8.self)
  }

  /// The model as if imported.
  func store() throws -> WeightStore {
    WeightStore(path: name, modelName: name, configJSON: try json(), tensors: tensors)
  }

  /// Writes `config.json` and `model.safetensors` into a new subfolder and returns its path.
  func write(to folder: String) throws -> String {
    let path = "\(folder)/\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let types: [ElementType: String] = [.float32: "F32", .float16: "F16", .bfloat16: "BF16", .int64: "I64"]
    var header: [String: Any] = [:], data = Data()
    for tensor in tensors {
      let start = data.count
      data.append(contentsOf: tensor.bytes)
      header[tensor.name] = [
        "dtype": try #require(types[tensor.elementType]), "shape": tensor.shape, "data_offsets": [start, data.count],
      ]
    }
    let text = try JSONSerialization.data(withJSONObject: header, options: .sortedKeys)
    let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
    try (length + text + data).write(to: URL(fileURLWithPath: "\(path)/model.safetensors"))
    try Data(try json().utf8).write(to: URL(fileURLWithPath: "\(path)/config.json"))
    return path
  }
}

/// A folder for one test, removed at its end.
final class TestFolder {
  let path = NSTemporaryDirectory() + "esmfold-kit-\(UUID().uuidString)"

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Names in the folder or a subfolder, including hidden ones.
  func names(_ folder: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []).sorted()
  }

  func content(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")) }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ name: String, _ content: Data) throws -> String {
    try content.write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }
}
