// The catalog of the cache as a library user sees it.

import Checkpoints
import ESMFoldKit
import Foundation
import Platform
import Tensors
import TestSupport
import Testing
import Weights

@Suite("Catalog") struct WeightsCatalogTests {
  private let folder: TestFolder
  private let catalog: WeightsCatalog
  private var cache: String { folder.path + "/cache" }

  init() throws {
    folder = try TestFolder()
    catalog = WeightsCatalog(folder: folder.path + "/cache")
  }

  @discardableResult
  private func add(_ source: String, _ settings: WeightsCatalog.ImportSettings = .init()) throws -> String {
    try catalog.importModel(from: source, to: nil, settings)
  }

  private func location(_ name: String) throws -> ModelLocation { try .resolve(name, cacheFolder: cache) }

  /// Changes a byte of a tensor in a file of the cache.
  private func damage(_ name: String, _ tensor: String, byte: Int = 1) throws {
    let path = "\(cache)/\(name).h5"
    let mapped = try MappedFile(path)
    let dataset = try #require(
      try HDF5File(image: mapped.bytes, owner: mapped, path: path).datasets(in: "tensors").first {
        $0.name == tensor
      })
    var content = try folder.content("cache/\(name).h5")
    content[dataset.offset + byte] ^= 0x20
    try folder.write("cache/\(name).h5", content)
  }

  @Test("Each entry is described by its architecture, its labels or its trunk") func list() throws {
    #expect(try catalog.list().isEmpty)
    let kinds = [
      ("esm2", "masked language model"), ("regression", "sequence classifier"), ("single-label", "classifier"),
      ("multi-label", "classifier"), ("tokens", "token classifier"), ("esm1v", "language model"),
    ]
    for (name, _) in kinds { try add(Fixtures.path("family/\(name)")) }
    try add(Fixtures.path("folding/folding-b"))
    try folder.write("cache/broken.h5", Data("x".utf8))
    try folder.write("cache/notes.txt", Data("x".utf8))
    let entries = try catalog.list()
    #expect(entries.map(\.name) == (kinds.map(\.0) + ["folding-b", "broken"]).sorted())
    for (name, kind) in kinds + [("folding-b", "folding")] {
      let entry = try #require(entries.first { $0.name == name })
      #expect(entry.kind == kind, "\(name): \(entry.kind ?? "none")")
      #expect(entry.path == "\(cache)/\(name).h5" && entry.problem == nil)
      #expect(try entry.bytes == folder.content("cache/\(name).h5").count)
      #expect(entry.source == Fixtures.path(name == "folding-b" ? "folding/folding-b" : "family/\(name)"))
      #expect(entry.imported?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
    }
    let broken = try #require(entries.first { $0.name == "broken" })
    guard case .file(let failure)? = broken.problem else { throw try #require(broken.problem) }
    #expect(broken.kind == nil && failure.message.contains("broken.h5") && broken.bytes == 1)
    #expect(broken.imported == nil && broken.source == nil)
  }

  @Test("Other classes of transformers, and labels without a class") func kinds() throws {
    let cases: [(String, [String: Any], String)] = [
      ("esm2", ["architectures": ["EsmModel"]], "language model"),
      ("esm2", ["architectures": [String]()], "language model"),
      ("single-label", ["id2label": NSNull(), "num_labels": 3], "classifier"),
      ("multi-label", ["num_labels": 4, "id2label": NSNull(), "problem_type": NSNull()], "classifier"),
    ]
    for (index, (name, fields, kind)) in cases.enumerated() {
      var model = try ChangedModel(name)
      model.configuration.merge(fields) { $1 }
      try add(try model.write(to: folder.path + "/\(index)"), .init(name: "m\(index)"))
      #expect(try catalog.list().first { $0.name == "m\(index)" }?.kind == kind, "\(fields)")
    }
  }

  @Test("A description has the numbers of the file and the configuration") func describe() throws {
    func facts(_ name: String, in group: String = "family") throws -> [String: String] {
      try add(Fixtures.path("\(group)/\(name)"))
      return Dictionary(
        try catalog.describe(try location(name)).map { ($0.label, $0.value) }, uniquingKeysWith: { $1 })
    }
    let tensors = try Safetensors(Fixtures.path("family/esm2/model.safetensors")).tensors()
    let esm2 = try facts("esm2")
    #expect(esm2["name"] == "esm2" && esm2["file"] == "\(cache)/esm2.h5")
    #expect(esm2["language model"] == "3 layers of 24, 3 heads" && esm2["positions"] == "rotary")
    let parameters = tensors.filter { !$0.name.hasSuffix("inv_freq") }.reduce(0) { $0 + $1.count }
    #expect(esm2["parameters"] == "\(parameters)" && esm2["tensors"]?.hasPrefix("\(tensors.count), ") == true)
    #expect(esm2["output heads"] == "masked language, contacts" && esm2["source"] == Fixtures.path("family/esm2"))
    var digest = RunningDigest()
    let file = try MappedFile(Fixtures.path("family/esm2/model.safetensors"))
    digest.update(file.bytes)
    #expect(esm2["  model.safetensors"]?.hasSuffix("sha256 \(digest.finish().hexadecimal)") == true)
    #expect(esm2["imported"]?.hasSuffix("by esmfold \(ESMFoldKit.version)") == true)
    let esm1v = try facts("esm1v")
    #expect(esm1v["positions"] == "learned, up to 41 tokens" && esm1v["output heads"] == "contacts, pooler")
    #expect(try facts("tokens")["output heads"] == "contacts, token classifier")
    #expect(try facts("regression")["output heads"] == "contacts, sequence classifier")
    let folding = try facts("folding-a", in: "folding")
    #expect(folding["trunk"]?.contains("3 passes") == true && folding["structure module"] != nil)
    #expect(folding["positions"] == nil)
  }

  @Test("Tensors with type, shape and digest, in the order of the file") func tensors() throws {
    try add(Fixtures.path("family/esm1v"))
    let facts = try catalog.tensors(of: try location("esm1v"))
    let original = try Safetensors(Fixtures.path("family/esm1v/model.safetensors")).tensors()
    #expect(Set(facts.map(\.name)) == Set(original.map(\.name)) && facts.count == original.count)
    for tensor in original {
      let fact = try #require(facts.first { $0.name == tensor.name })
      var digest = RunningDigest()
      digest.update(tensor.bytes)
      let sha256 = digest.finish().hexadecimal
      #expect(fact.type == "float16" && fact.shape == tensor.shape && fact.bytes == tensor.byteCount)
      #expect(fact.sha256 == sha256, "\(tensor.name)")
    }
  }

  @Test("A check finds every damaged tensor, and NaNs") func verify() throws {
    try add(Fixtures.path("family/esm2"))
    var shares: [Int] = [], totals: Set<Int> = []
    let whole = try catalog.verify(try location("esm2")) {
      shares.append($0)
      totals.insert($1)
    }
    let bytes = try Safetensors(Fixtures.path("family/esm2/model.safetensors")).tensors().reduce(0) {
      $0 + $1.byteCount
    }
    #expect(whole.faults.isEmpty && whole.name == "esm2" && whole.tensors == 61 && whole.bytes == bytes)
    #expect(whole.hasDigests && !whole.isInProgram && shares.last == bytes && totals == [bytes])
    #expect(shares == shares.sorted())
    #expect(whole.sources.allSatisfy { $0.state == .unchanged })
    #expect(
      Set(whole.sources.map(\.path))
        == Set(["config.json", "model.safetensors"].map { Fixtures.path("family/esm2/\($0)") }))
    let tensors = [
      "esm.embeddings.word_embeddings.weight", "esm.encoder.layer.2.output.dense.bias", "lm_head.layer_norm.bias",
    ]
    for tensor in tensors { try damage("esm2", tensor) }
    let faults = try catalog.verify(try location("esm2")).faults
    #expect(faults.count == tensors.count)
    let messages = faults.map(\.message)
    for tensor in tensors { #expect(messages.contains { $0.contains(tensor) && $0.contains("sha256") }, "\(tensor)") }
    // Nor is any of it exported.
    #expect(throws: ModelError.self) { try catalog.export(try location("esm2"), to: folder.path + "/out") }
    #expect(folder.names("out").isEmpty)
  }

  @Test(
    "A check finds what does not fit together as a model, and an export refuses it",
    arguments: ["untied", "folding-a"])
  func unfit(_ name: String) throws {
    let isFolding = name == "folding-a", tensor = isFolding ? "trunk.more" : "lm_head.bias"
    var model = try ChangedModel(name, in: isFolding ? "folding" : "family")
    if isFolding { model.put(tensor, [1]) } else { model.remove(tensor) }
    let source = try ModelSource(try model.write(to: folder.path))
    try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: false)
    try Importer(source, modelName: "odd", program: "test").run(to: cache + "/odd.h5")
    let found = try catalog.verify(try location("odd"))
    #expect(found.faults.count == 1 && found.faults[0].message.contains(tensor), "\(found.faults)")
    #expect(throws: ModelError.self) { try catalog.export(try location("odd"), to: folder.path + "/out") }
    #expect(throws: ModelError.self) { try catalog.describe(try location("odd")) }
    #expect(folder.names("out").isEmpty)
  }

  @Test("State of the sources: unchanged, different time, different bytes, missing") func sources() throws {
    let path = try ChangedModel("untied").write(to: folder.path)
    try add(path)
    func states(_ rereads: Bool) throws -> [String: WeightsCatalog.SourceState] {
      let found = try catalog.verify(try location("untied"), rereadsSources: rereads).sources
      return Dictionary(
        uniqueKeysWithValues: found.map { (String($0.path.split(separator: "/").last ?? ""), $0.state) })
    }
    #expect(try states(false) == ["config.json": .unchanged, "model.safetensors": .unchanged])
    #expect(try states(true) == ["config.json": .sameContent, "model.safetensors": .sameContent])
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: path + "/config.json")
    guard case .changed? = try states(false)["config.json"] else {
      Issue.record("another time")
      return
    }
    #expect(try states(true)["config.json"] == .sameContent)
    var content = try folder.content("untied/model.safetensors")
    content[content.count - 1] ^= 1
    try folder.write("untied/model.safetensors", content)
    guard case .changed(let found, let expected)? = try states(true)["model.safetensors"] else {
      Issue.record("other content")
      return
    }
    #expect(found != expected && found.hasPrefix("sha256 ") && expected.hasPrefix("sha256 "))
    try FileManager.default.removeItem(atPath: path)
    #expect(try states(false).values.allSatisfy { $0 == .absent } && states(true).values.allSatisfy { $0 == .absent })
  }

  @Test(
    "An export has the bytes and names of the model, and the files of its tokenizer", arguments: ["esm1b", "esm2-wide"])
  func export(_ name: String) throws {
    try add(Fixtures.path("family/\(name)"))
    let out = folder.path + "/a/b"
    #expect(try catalog.export(try location(name), to: out) == out + "/model.safetensors")
    let original = try Safetensors(Fixtures.path("family/\(name)/model.safetensors")).tensors()
    let exported = try Safetensors(out + "/model.safetensors").tensors()
    #expect(exported.count == original.count)
    for tensor in original {
      let copy = try #require(exported.first { $0.name == tensor.name })
      #expect(
        copy.elementType == tensor.elementType && copy.shape == tensor.shape && Array(copy.bytes) == Array(tensor.bytes)
      )
    }
    func json(_ name: String) throws -> NSDictionary {
      try #require(try JSONSerialization.jsonObject(with: folder.content(name)) as? NSDictionary)
    }
    let configuration = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: Fixtures.path("family/\(name)/config.json"))))
    #expect(try json("a/b/config.json") == configuration as? NSDictionary)
    #expect(try folder.content("a/b/vocab.txt") == Data(Tokenizer.standard.vocabularyText.utf8))
    let special: NSMutableDictionary = [
      "cls_token": "<cls>", "eos_token": "<eos>", "mask_token": "<mask>", "pad_token": "<pad>", "unk_token": "<unk>",
    ]
    #expect(try json("a/b/special_tokens_map.json") == special)
    special["tokenizer_class"] = "EsmTokenizer"
    if name == "esm1b" { special["model_max_length"] = 41 }
    #expect(try json("a/b/tokenizer_config.json") == special)
    #expect(folder.names("a/b").count == 5)
    // No file is replaced unless requested.
    for other in folder.names("a/b") {
      let alone = folder.path + "/\(other).d"
      try FileManager.default.createDirectory(atPath: alone, withIntermediateDirectories: false)
      try folder.write("\(other).d/\(other)", Data("mine".utf8))
      #expect(throws: ModelError.self, "\(other)") { try catalog.export(try location(name), to: alone) }
      #expect(try folder.names("\(other).d") == [other] && folder.content("\(other).d/\(other)") == Data("mine".utf8))
    }
    #expect(throws: Never.self) { try catalog.export(try location(name), to: out, overwriting: true) }
  }

  @Test("An import is stored as requested, records its origin, and does not accept a source as its target")
  func settings() throws {
    let path = try ChangedModel("esm2").write(to: folder.path)
    var settings = WeightsCatalog.ImportSettings(name: "half", languageModelType: .float16)
    settings.origin = "https://example.org/model"
    var told: [FileProgress] = []
    let file = try catalog.importModel(from: path, to: nil, settings) { told.append($0) }
    #expect(file == "\(cache)/half.h5" && told.last.map { $0.bytesDone == $0.bytesTotal } == true)
    #expect(told.first?.bytesDone == 0 && told.first?.fraction == 0 && told.last?.fraction == 1)
    #expect(told.allSatisfy { $0.unfinishedPath.hasPrefix("\(cache)/.half.h5.part-") })
    let facts = try catalog.tensors(of: try location("half"))
    #expect(facts.allSatisfy { $0.type == ($0.name.hasSuffix("inv_freq") ? "float32" : "float16") })
    #expect(try catalog.list().map(\.source) == ["https://example.org/model"])
    let other = try catalog.importModel(from: path, to: folder.path + "/elsewhere.h5")
    #expect(other == folder.path + "/elsewhere.h5" && folder.names("cache") == ["half.h5"])
    let before = try folder.content("esm2/model.safetensors")
    for target in ["/esm2/model.safetensors", "/esm2/config.json", "/esm2/../esm2/model.safetensors"] {
      #expect(throws: ModelError.overwritesSource(path: folder.path + target)) {
        try catalog.importModel(from: path, to: folder.path + target)
      }
    }
    #expect(try folder.content("esm2/model.safetensors") == before)
    #expect(throws: ModelError.self) { try add(path, .init(name: "../x")) }
    #expect(folder.names("cache") == ["half.h5"])
  }

  @Test("A removal deletes the model and leftovers of its killed imports, nothing else") func removal() throws {
    let file = try add(Fixtures.path("family/untied"))
    try add(Fixtures.path("family/esm2"))
    for name in [".untied.h5.part-1", ".esm2.h5.part-1", "untied.txt"] {
      try folder.write("cache/\(name)", Data(count: 5000))
    }
    #expect(
      catalog.leftovers().map(\.path).sorted() == [".esm2.h5.part-1", ".untied.h5.part-1"].map { "\(cache)/\($0)" })
    #expect(catalog.leftovers().allSatisfy { $0.bytes >= 5000 })
    let removed = try catalog.remove("untied")
    #expect(removed.path == file && removed.target == nil && removed.bytes > 10_000)
    #expect(folder.names("cache") == [".esm2.h5.part-1", "esm2.h5", "untied.txt"])
    guard
      case .notInCache("untied", cache)? = #expect(
        throws: ModelError.self, performing: { try catalog.remove("untied") })
    else {
      Issue.record("not said to be missing")
      return
    }
    let outside = try catalog.importModel(from: Fixtures.path("family/untied"), to: folder.path + "/far.h5")
    try FileManager.default.createSymbolicLink(atPath: cache + "/link.h5", withDestinationPath: outside)
    let link = try catalog.remove("link")
    #expect(link.target == outside && link.bytes == 0 && FileManager.default.fileExists(atPath: outside))
    try folder.write("cache/text.h5", Data("text".utf8))
    for name in ["text", "../far", "esm2.h5", ""] {
      #expect(throws: ModelError.self, "\(name)") { try catalog.remove(name) }
    }
    #expect(folder.names("cache") == [".esm2.h5.part-1", "esm2.h5", "text.h5", "untied.txt"])
    // The next import removes another's leftovers.
    try add(Fixtures.path("family/untied"))
    #expect(folder.names("cache") == ["esm2.h5", "text.h5", "untied.h5", "untied.txt"])
  }
}
