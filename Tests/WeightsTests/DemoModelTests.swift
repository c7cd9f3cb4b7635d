// The embedded model is a sound cache file, viewed where it lies. One test, run by Scripts/embed-demo-model, writes it.

import CDemoModel
import Glibc
import Tensors
import TestSupport
import Testing
import Weights

@Suite struct DemoModelTests {
  static var image: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: demo_model_bytes(), count: demo_model_size())
  }
  static let source = getenv("ESMFOLD_DEMO_SOURCE").map { String(cString: $0) }

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

  @Test(.enabled(if: source != nil, "writes a file of the package: run Scripts/embed-demo-model"))
  func embed() throws {
    var importer = Importer(try ModelSource(try #require(Self.source)), modelName: "demo", program: "esmfold 0.1.0")
    importer.stemType = .float16
    importer.recordedSource = "demo-model"
    importer.recordedTime = "2026-01-01T00:00:00Z"
    let path = Fixtures.path("../../Sources/CDemoModel/demo.h5")
    try importer.run(to: path)
    #expect(try WeightCache.open(path).byteCount < 6_000_000)
  }
}
