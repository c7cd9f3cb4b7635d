// Which model an argument denotes.

import ESMFoldKit
import Foundation
import TestSupport
import Testing
import Weights

@Suite("Model locations") struct ModelLocationTests {
  private let folder: TestFolder
  private var cache: String { folder.path + "/cache" }

  init() throws { folder = try TestFolder() }

  /// Puts a fixture into the cache.
  private func cached(_ fixture: String, as name: String) throws {
    let settings = WeightsCatalog.ImportSettings(name: name)
    _ = try WeightsCatalog(folder: cache).importModel(from: Fixtures.path(fixture), to: nil, settings)
  }

  /// Hidden sizes tell the fixtures apart: 24 of the family, 16 of the tiny ones.
  private func open(_ word: String?, default standard: String = "none") throws -> (name: String, width: Int) {
    let location = try ModelLocation.resolve(word, default: standard, cacheFolder: cache).importIfNeeded()
    let model = try ESM(location, threads: 1)
    return (model.modelName, model.description.hiddenSize)
  }

  private func refusal(_ word: String?, default standard: String = "none") -> ModelError? {
    do {
      _ = try ModelLocation.resolve(word, default: standard, cacheFolder: cache)
      return nil
    } catch {
      return error
    }
  }

  @Test("The embedded model takes precedence over all others of its name") func demo() throws {
    try cached("family/esm2", as: "demo")
    try FileManager.default.createDirectory(atPath: folder.path + "/demo", withIntermediateDirectories: false)
    let location = try ModelLocation.resolve("demo", cacheFolder: cache)
    #expect(location.notice?.contains("no scientific use") == true)
    let verification = try WeightsCatalog(folder: cache).verify(location)
    #expect(verification.isInProgram && verification.faults.isEmpty && verification.sources.isEmpty)
    // Also as the default.
    #expect(try ModelLocation.resolve(nil, default: "demo", cacheFolder: cache).notice != nil)
    // The other one by its path.
    #expect(try open(cache + "/demo.h5") == ("demo", 24))
    #expect(try ModelLocation.resolve(cache + "/demo.h5", cacheFolder: cache).notice == nil)
  }

  @Test("A model in the cache takes precedence over a file or folder of its name") func precedence() throws {
    // Relative paths need a working folder, which the tests share: an absolute path cannot be a name in the cache.
    try cached("family/untied", as: "a.h5")
    try cached("family/esm2", as: "a")
    #expect(try open("a") == ("a", 24))
    #expect(try open("a.h5") == ("a.h5", 16))
    #expect(try open(cache + "/a.h5.h5") == ("a.h5", 16))
    #expect(try open(nil, default: "a") == ("a", 24))
  }

  @Test("Downloaded weights are imported once, by a separate call; their configuration is read without it")
  func sources() throws {
    let source = Fixtures.path("family/untied")
    let location = try ModelLocation.resolve(source, cacheFolder: cache)
    #expect(try Tokenizer(of: location) == .standard && folder.names("cache").isEmpty)
    var pending: [PendingImport] = [], paths: [String] = [], names: [String] = []
    for _ in 0..<2 {
      let imported = try location.importIfNeeded {
        pending.append($0)
      } progress: {
        paths.append($0.unfinishedPath)
      }
      names.append(try ESM(imported, threads: 1).modelName)
      // Where it came from is known of the file in the cache.
      let facts = try WeightsCatalog(folder: cache).describe(imported)
      #expect(facts.contains { $0.label == "source" && $0.value == source })
    }
    #expect(names == ["untied", "untied"])
    #expect(pending.count == 1 && pending[0].reason == .absent)
    #expect(pending[0].source == source && pending[0].cacheFolder == cache)
    #expect(!paths.isEmpty && paths.allSatisfy { $0.hasPrefix(cache + "/") })
    #expect(folder.names("cache").count == 1)
    #expect(try open(source + "/model.safetensors") == ("untied", 16))
  }

  @Test("Downloaded weights that are not in the cache are refused, and nothing is imported") func notImported() throws {
    let path = try ChangedModel("folding-c", in: "folding").write(to: folder.path)
    let location = try ModelLocation.resolve(path, cacheFolder: cache), catalog = WeightsCatalog(folder: cache)
    let refusal = ModelError.notImported(path: path)
    func isRefused() {
      #expect(throws: refusal) { try ESMFold(location, threads: 1) }
      #expect(throws: refusal) { try ESM(location, threads: 1) }
      #expect(throws: refusal) { try MemoryPlan.plan(for: location, length: 9, threads: 1) }
      #expect(throws: refusal) { try catalog.describe(location) }
      #expect(throws: refusal) { try catalog.tensors(of: location) }
      #expect(throws: refusal) { try catalog.verify(location) }
      #expect(throws: refusal) { try catalog.export(location, to: folder.path + "/out") }
    }
    isRefused()
    #expect(folder.names("cache").isEmpty && folder.names("out").isEmpty)
    _ = try location.importIfNeeded(for: .folding)
    // The location that was resolved before finds the import, too.
    #expect(try ESMFold(location, threads: 1).modelName == "folding-c")
    #expect(try catalog.tensors(of: location).count > 0)
    // An import of other weights is none of these.
    let configuration = try folder.content("folding-c/config.json")
    try folder.write("folding-c/config.json", configuration + Data(" ".utf8))
    isRefused()
    var pending: [PendingImport] = []
    _ = try location.importIfNeeded(for: .folding) { pending.append($0) }
    #expect(pending.map(\.reason) == [.changed])
    let file = "\(cache)/\(try #require(folder.names("cache").first))"
    try Data("x".utf8).write(to: URL(fileURLWithPath: file))
    isRefused()
    _ = try location.importIfNeeded(for: .folding) { pending.append($0) }
    guard case .unusable(.file(let failure))? = pending.last?.reason else {
      Issue.record("\(pending)")
      return
    }
    #expect(failure.message.hasPrefix(file))
  }

  @Test("The default is a name of the cache, never a file") func defaults() throws {
    #expect(ModelLocation.foldingModel == "esmfold_v1" && ModelLocation.languageModel == "esm2_t33_650M_UR50D")
    let path = Fixtures.path("family/untied")
    guard case .notFound(path, cache, [])? = refusal(nil, default: path) else {
      Issue.record("\(String(describing: refusal(nil, default: path)))")
      return
    }
    guard
      case .notFound("esmfold_v1", _, _)? = Result(catching: { try ModelLocation.resolve(nil, cacheFolder: cache) })
        .failure as? ModelError
    else {
      Issue.record("no default")
      return
    }
  }

  @Test("A missing model is reported together with those that exist") func missing() throws {
    try cached("family/esm2", as: "mine")
    try cached("family/untied", as: "other")
    guard case .notFound("theirs", cache, ["mine", "other"])? = refusal("theirs") else {
      Issue.record("\(String(describing: refusal("theirs")))")
      return
    }
    #expect(refusal("theirs").map { "\($0)" }?.hasSuffix("hint: the cache has mine, other") == true)
    #expect(refusal(folder.path) != nil && refusal(Fixtures.path("README.md")) != nil)
    try folder.write("text.h5", Data("x".utf8))
    #expect(throws: ModelError.self) { try open(folder.path + "/text.h5") }
  }

  @Test("Folding needs a folding model; any model can be read") func roles() throws {
    let language = try ModelLocation.resolve(Fixtures.path("family/esm2"), cacheFolder: cache)
    var told: [String] = []
    #expect(throws: ModelError.self) {
      try language.importIfNeeded(for: .folding) {
        told.append($0.source)
      } progress: {
        told.append($0.unfinishedPath)
      }
    }
    #expect(told.isEmpty && folder.names("cache").isEmpty, "refused before it was imported")
    let folding = try ModelLocation.resolve(Fixtures.path("folding/folding-b"), cacheFolder: cache)
      .importIfNeeded(for: .folding)
    _ = try ESMFold(folding, threads: 1)
    #expect(try ESM(folding, threads: 1).description.layers > 0)
    // Also from the cache.
    try cached("family/esm2", as: "mine")
    #expect(throws: ModelError.self) { try ESMFold(try .resolve("mine", cacheFolder: cache), threads: 1) }
  }

  @Test("A source that does not match its configuration leaves nothing in the cache") func unfit() throws {
    var model = try ChangedModel("untied")
    model.put("surplus", [1])
    let path = try model.write(to: folder.path)
    #expect { try open(path) } throws: { "\($0)".contains("surplus") }
    #expect(folder.names("cache").isEmpty)
    #expect { try WeightsCatalog(folder: cache).importModel(from: path, to: nil) } throws: {
      "\($0)".contains("surplus")
    }
    #expect(folder.names("cache").isEmpty)
  }

  @Test("A vocab.txt that contradicts the configuration is refused, naming the token") func vocabulary() throws {
    let path = try ChangedModel("untied").write(to: folder.path)
    var tokens = Tokenizer.standard.tokens
    let location = try ModelLocation.resolve(path, cacheFolder: cache)
    try folder.write("untied/vocab.txt", Data(tokens.joined(separator: "\n").utf8))
    #expect(try Tokenizer(of: location) == .standard)
    tokens.swapAt(4, 5)
    try folder.write("untied/vocab.txt", Data(tokens.joined(separator: "\n").utf8))
    #expect { try Tokenizer(of: location) } throws: { "\($0)".contains("token 4: found \"A\", expected \"L\"") }
    #expect(throws: ModelError.self) { try open(path) }
    tokens.swapAt(4, 5)
    try folder.write("untied/vocab.txt", Data((tokens + ["AA"]).joined(separator: "\n").utf8))
    #expect { try Tokenizer(of: location) } throws: { "\($0)".contains("tokens: found 34, expected 33") }
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
