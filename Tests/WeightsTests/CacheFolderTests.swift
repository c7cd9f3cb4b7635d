// The folder of models: its location, its list, and imports that happen only once.

import Checkpoints
import Glibc
import Platform
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct CacheFolderTests {
  @Test func names() throws {
    let folder = CacheFolder(path: "/c")
    #expect(try folder.path(of: "esmfold_v1") == "/c/esmfold_v1.h5")
    for name in ["", ".", "..", ".x", "a/b", "a b", "å", String(repeating: "a", count: 201)] {
      #expect(failure { () throws(WeightError) in try folder.path(of: name) } == .modelName(name))
      #expect(!folder.contains(name))
    }
  }

  @Test func importsOnceAndAgainWhenNeeded() throws {
    let temporary = try TemporaryFolder()
    for name in ["model.safetensors", "config.json"] { try temporary.write("tiny/\(name)", fixture(name)) }
    let folder = CacheFolder(path: temporary("a/b"))
    #expect(try folder.entries().isEmpty)
    var reasons: [CacheFolder.ImportReason] = []
    func imported(_ argument: String = "tiny") throws -> String {
      try folder.imported(ModelSource(temporary(argument)), program: "p") { reasons.append($0) }
    }
    let path = try imported()
    #expect(reasons == [.absent])
    #expect(path.hasPrefix("\(folder.path)/tiny-") && path.hasSuffix(".h5"))
    #expect(try imported() == path && reasons.count == 1)
    // The same model by another path.
    #expect(try imported("tiny/../tiny/model.safetensors") == path && reasons.count == 1)

    try temporary.write("tiny/config.json", #"{"other":1}"#)
    #expect(try imported() == path && reasons == [.absent, .changed])
    #expect(try WeightCache.open(path).configJSON == #"{"other":1}"#)

    let whole = try content(path)
    try temporary.write("a/b/\(path.split(separator: "/").last ?? "")", Array(whole.dropLast(5)))
    #expect(try imported() == path)
    #expect(reasons.last == .unusable(.truncated(path: path, bytes: whole.count - 5, expected: whole.count)))
    #expect(try imported() == path && reasons.count == 3)

    try temporary.write("a/b/notes.txt", "x")
    try temporary.write("a/b/.hidden.h5", "x")
    try temporary.write("a/b/broken.h5", "x")
    let entries = try folder.entries()
    #expect(entries.map(\.name) == ["broken", String(path.split(separator: "/").last?.dropLast(3) ?? "")])
    #expect(throws: WeightError.self) { try entries[0].header.get() }
    #expect(try entries[1].header.get().modelName == "tiny")
    #expect(entries[1].bytes == whole.count)
  }

  @Test func importsAtOnceDoNotMeet() async throws {
    let temporary = try TemporaryFolder()
    let source = try ModelSource(Fixtures.path("weights"))
    let folder = CacheFolder(path: temporary("cache"))
    let paths = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<16 { group.addTask { try folder.imported(source, program: "p") } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(paths.count == 1)
    #expect(try folder.entries().count == 1)
    #expect(try WeightCache.open(try #require(paths.first)).names.count == 6)
  }

  @Test func aFolderThatCannotBe() throws {
    let temporary = try TemporaryFolder()
    try temporary.write("file", "x")
    let source = try ModelSource(Fixtures.path("weights"))
    let inFile = CacheFolder(path: temporary("file/cache"))
    #expect(
      failure { () throws(WeightError) in try inFile.imported(source, program: "p") }
        == .system(path: inFile.path, action: "create folder", code: ENOTDIR))
    // Nobody may create anything here, root included.
    let readOnly = CacheFolder(path: "/proc/esmfold")
    let error = failure { () throws(WeightError) in try readOnly.imported(source, program: "p") }
    #expect(error?.description.hasPrefix("/proc/esmfold: create folder: ") == true)
    let unwritable = failure { () throws(WeightError) in
      try Importer(source, modelName: "m", program: "p").run(to: "/proc/x.h5")
    }
    #expect(unwritable != nil)
  }
}
