// The embedded model is a valid cache file, viewed in place, and reproducible by the program that creates it.

import CDemoModel
import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct DemoModelTests {
  static var image: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: demo_model_bytes(), count: demo_model_size())
  }

  @Test func opensInPlace() throws {
    let store = try WeightCache.open(image: Self.image, label: "demo")
    #expect(store.modelName == "demo")
    #expect(store.parameterCount == 2_529_357)
    guard case .object(let config) = try JSONValue(parsing: Array(store.configJSON.utf8), path: "demo") else {
      Issue.record("no configuration")
      return
    }
    #expect(config["hidden_size"] == .integer(128))
    let table = try store.stored("esm.embeddings.word_embeddings.weight", [33, 128])
    #expect(table.elementType == .float16)
    let start = try #require(Self.image.baseAddress), data = try #require(table.bytes.baseAddress)
    #expect(data > start && data < start + Self.image.count && UInt(bitPattern: data) % 64 == 0)
  }

  @Test("The embedded bytes are those of the file in the sources") func embedded() throws {
    let file = try content(Fixtures.path("../../Sources/CDemoModel/demo.h5"))
    #expect(file.withUnsafeBytes { $0.elementsEqual(Self.image) })
  }

  /// The model's original weights are not available. Its export is a source of the same numbers: widened to float32,
  /// it must give the same file as the original source.
  @Test("The program that creates it makes bit-identical tensors from its export") func again() throws {
    let folder = try TemporaryFolder()
    let demo = try CacheCheck(image: Self.image, label: "demo")
    #expect(demo.run { _ in } == [])
    try Exporter(demo, companions: [("config.json", demo.store.configJSON)]).run(to: folder("f16"), overwriting: false)
    try widen(folder("f16/model.safetensors"), to: folder, as: "f32/model.safetensors")
    try folder.write("f32/config.json", demo.store.configJSON)
    for name in ["one.h5", "two.h5"] {
      let ran = try program([folder("f32"), folder(name)])
      #expect(ran.status == 0 && ran.error.isEmpty, "\(ran.error)")
    }
    // Neither the source's times nor that of the import are recorded.
    #expect(try firstDifference(content(folder("one.h5")), content(folder("two.h5"))) == nil)

    let made = try CacheCheck(folder("one.h5"))
    #expect(made.hasDigests && made.run { _ in } == [])
    let (new, old) = (made.header, demo.header)
    #expect(new.modelName == old.modelName && new.configJSON == old.configJSON && new.source == old.source)
    #expect(new.program == old.program && new.created == old.created && new.tensorCount == old.tensorCount)
    #expect(new.sources.map(\.name) == old.sources.map(\.name) && new.sources[0] == old.sources[0])
    #expect((new.sources + old.sources).allSatisfy { $0.modified == 0 })
    #expect(new.sourceDigest == new.sources[1].sha256 && old.sourceDigest == old.sources[1].sha256)
    // Every tensor: name, type, shape and bits.
    let tensors = demo.store.tensorsInOrder
    #expect(tensors.count == 500 && Set(made.store.names) == Set(tensors.map(\.name)))
    for tensor in tensors {
      let found = try made.store.stored(tensor.name, tensor.shape)
      #expect(found.elementType == tensor.elementType && found.bytes.elementsEqual(tensor.bytes), "\(tensor.name)")
    }
    #expect(tensors.allSatisfy { $0.elementType == .float16 || $0.name == "af2_to_esm" })
  }

  @Test("Errors end with a message and an exit status") func mistakes() throws {
    for words in [[], ["a"], ["a", "b", "c"]] {
      let ran = try program(words)
      #expect(ran.status == 2 && ran.error == "usage: esmfold-demo-model FOLDER FILE.h5\n")
    }
    let folder = try TemporaryFolder()
    let ran = try program([folder.path, folder("x.h5")])
    #expect(ran.status == 1 && ran.error.hasPrefix("esmfold-demo-model: \(folder.path): weights: found none of its"))
  }

  /// Writes a safetensors file with every float16 as float32.
  private func widen(_ path: String, to folder: TemporaryFolder, as name: String) throws {
    var header: JSONObject = [:], data: [UInt8] = []
    for tensor in try Safetensors(path).tensors() {
      let start = data.count
      if tensor.elementType == .float16 {
        tensor.floats().withUnsafeBytes { data.append(contentsOf: $0) }
      } else {
        data.append(contentsOf: tensor.bytes)
      }
      header.append(
        tensor.name,
        .object([
          "dtype": .string(tensor.elementType == .float16 ? "F32" : "I64"),
          "shape": .array(tensor.shape.map { .integer($0) }),
          "data_offsets": .array([.integer(start), .integer(data.count)]),
        ]))
    }
    try folder.write(name, safetensors(JSONValue.object(header).text, data: data))
  }

  /// Runs the built program, which is beside the running test bundle.
  private func program(_ arguments: [String]) throws -> (status: Int32, error: String) {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let process = Process(), pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(
      "esmfold-demo-model")
    process.arguments = arguments
    process.standardError = pipe
    try process.run()
    let error = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: error, as: UTF8.self))
  }
}
