// What an import records besides the tensors, what it refuses, and which numbers it converts.

import Checkpoints
import Glibc
import Platform
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct ImportRecordTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func digest(_ bytes: [UInt8]) -> String {
    var digest = RunningDigest()
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.finish().hexadecimal
  }

  /// Writes a source of float32 tensors with consecutive values from 0, in the order of the list.
  private func source(_ tensors: [(String, Int)], config: String = "{}") throws -> ModelSource {
    var header: JSONObject = [:], data: [UInt8] = [], next = 0
    for (name, count) in tensors {
      header.append(
        name,
        .object([
          "dtype": .string("F32"), "shape": .array([.integer(count)]),
          "data_offsets": .array([.integer(data.count), .integer(data.count + count * 4)]),
        ]))
      (next..<next + count).map(Float.init).withUnsafeBytes { data.append(contentsOf: $0) }
      next += count
    }
    try folder.write("s/model.safetensors", safetensors(JSONValue.object(header).text, data: data))
    try folder.write("s/config.json", config)
    return try ModelSource(folder("s"))
  }

  @Test(
    "The digest of shards is that of sha256sum's lines; that of each file is its own",
    arguments: [
      ("weights/sharded", "model.safetensors.index.json"), ("torch/shards", "pytorch_model.bin.index.json"),
    ]) func shards(_ name: String, _ index: String) throws
  {
    try Importer(try ModelSource(Fixtures.path(name)), modelName: "m", program: "p").run(to: folder("m.h5"))
    let header = try WeightCache.header(of: folder("m.h5"))
    let shards = try TemporaryFolder.names(Fixtures.path(name)).filter { $0.contains("-of-") }.map {
      ($0, digest(try content(Fixtures.path("\(name)/\($0)"))))
    }
    #expect(shards.count == 2)
    #expect(header.sourceDigest == digest(Array(shards.map { "\($0.1)  \($0.0)\n" }.joined().utf8)))
    #expect(header.sources.map(\.name) == ["config.json", index] + shards.map(\.0))
    for file in header.sources {
      let bytes = try content(Fixtures.path("\(name)/\(file.name)"))
      #expect(file.sha256 == digest(bytes) && file.bytes == bytes.count, "\(file.name)")
    }
  }

  @Test("Time and source are those of the import, or the given ones") func record() throws {
    let source = try source([("t", 3)])
    let before = time(nil)
    try Importer(source, modelName: "m", program: "program 1").run(to: folder("m.h5"))
    let after = time(nil)
    let header = try WeightCache.header(of: folder("m.h5"))
    #expect((before...after).map(utc).contains(header.created), "\(header.created)")
    #expect(header.source == source.path && header.sources.allSatisfy { $0.modified > 1_000_000_000_000_000_000 })

    var importer = Importer(source, modelName: "m", program: "program 1")
    importer.recordedSource = "https://example.org"
    importer.recordedTime = "2020-01-01T00:00:00Z"
    try importer.run(to: folder("n.h5"))
    let other = try WeightCache.header(of: folder("n.h5"))
    #expect(other.source == "https://example.org" && other.created == "2020-01-01T00:00:00Z")
    #expect(
      other.sources
        == header.sources.map { SourceFile(name: $0.name, bytes: $0.bytes, modified: 0, sha256: $0.sha256) })
  }

  /// A time in ISO 8601, UTC.
  private func utc(_ seconds: time_t) -> String {
    var seconds = seconds, parts = tm()
    gmtime_r(&seconds, &parts)
    func digits(_ number: Int32, _ count: Int) -> String {
      String(repeating: "0", count: count - "\(number)".count) + "\(number)"
    }
    let date = "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
    return date + "T\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):\(digits(parts.tm_sec, 2))Z"
  }

  @Test("The file's contents, read from its bytes without the library") func bytes() throws {
    try Importer(try ModelSource(Fixtures.path("weights")), modelName: "m", program: "p 1").run(to: folder("m.h5"))
    let bytes = try content(folder("m.h5")), root = try HDF5Object(root: bytes)
    #expect(root.all.allSatisfy { !$0.hasTimes })
    let formats: [ElementType: HDF5Object.Format] = [
      .float32: .float32, .float16: .float16, .bfloat16: .bfloat16, .int64: .int64,
    ]
    let group = try #require(root["tensors"])
    let tensors = try Safetensors(Fixtures.path("weights/model.safetensors")).tensors()
    #expect(group.members.keys.sorted() == tensors.map(\.name).sorted())
    for tensor in tensors {
      let dataset = try #require(group.members[tensor.name]), place = try #require(dataset.place)
      #expect(dataset.format == formats[tensor.elementType] && dataset.shape == tensor.shape, "\(tensor.name)")
      #expect(place.lowerBound % 64 == 0 && Array(bytes[place]) == Array(tensor.bytes), "\(tensor.name)")
      #expect(dataset.texts["sha256"]?.text == digest(Array(tensor.bytes)), "\(tensor.name)")
    }
  }

  @Test("If the finished file is rejected, the existing one is kept") func refusal() throws {
    let source = try source([("t", 3)])
    try folder.write("m.h5", "mine")
    var seen: [String] = []
    let error = failure { () throws(WeightError) in
      try Importer(source, modelName: "m", program: "p").run(
        to: folder("m.h5"),
        accepting: { store in
          seen = store.names + [store.path]
          return false
        })
    }
    #expect(error == .refused(path: source.path) && seen == ["t", source.path])
    #expect(try content(folder("m.h5")) == Array("mine".utf8) && folder.names() == ["m.h5", "s"])
    mkdir(folder("d.h5"), 0o755)
    #expect(
      failure { () throws(WeightError) in try Importer(source, modelName: "m", program: "p").run(to: folder("d.h5")) }
        == .notRegular(path: folder("d.h5"), kind: "a folder"))
    #expect(
      failure { () throws(WeightError) in try Importer(source, modelName: "m", program: "p").run(to: "/dev/null") }
        == .notRegular(path: "/dev/null", kind: "a device"))
  }

  @Test(
    "Which floats are converted", arguments: [true, false],
    [(nil, nil), (.float16, nil), (nil, .bfloat16), (.float16, .bfloat16)] as [(ElementType?, ElementType?)])
  func conversions(_ isFolding: Bool, _ types: (languageModel: ElementType?, all: ElementType?)) throws {
    let (languageModel, all) = types
    let names = [
      "esm.a", "esm.rotary_embeddings.inv_freq", "trunk.c", "trunk.b", "esm.encoder.layer.0.inv_freq",
      "lm_head.bias",
    ]
    let source = try source(names.map { ($0, 2) }, config: #"{"is_folding_model": \#(isFolding)}"#)
    var importer = Importer(source, modelName: "m", program: "p")
    (importer.languageModelType, importer.floatType) = (languageModel, all)
    try importer.run(to: folder("m.h5"))
    let store = try WeightCache.open(folder("m.h5"))
    for (number, name) in names.enumerated() {
      let isOfLanguageModel = !name.hasSuffix("inv_freq") && (!isFolding || name.hasPrefix("esm."))
      let tensor = try store.stored(name, [2])
      #expect(tensor.elementType == all ?? (isOfLanguageModel ? languageModel : nil) ?? .float32, "\(name)")
      #expect(tensor.floats() == [Float(number * 2), Float(number * 2 + 1)], "\(name)")
    }
  }

  @Test(
    "A model that does not fit is refused before anything is written",
    .disabled(if: Emulator.isUsed, "the emulator takes minutes to map a hole of terabytes"))
  func room() async throws {
    // As large as a file can claim to be: a hole of 8 TiB.
    let count = 1 << 41
    let header = #"{"t":{"dtype":"F32","shape":[\#(count)],"data_offsets":[0,\#(count * 4)]}}"#
    try folder.write("s/model.safetensors", safetensors(header))
    try folder.write("s/config.json", "{}")
    try #require(truncate(folder("s/model.safetensors"), 8 + header.utf8.count + count * 4) == 0)
    var status = statvfs()
    try #require(statvfs(folder.path, &status) == 0)
    let free = Int(status.f_bavail) * Int(status.f_frsize)
    try #require(free < count * 4)
    // In a separate process, which could not write that much.
    try await Handed.over(folder.path, count, free) {
      await #expect(processExitsWith: .exitCode(7)) {
        let (path, count, free) = try Handed.taken(String.self, Int.self, Int.self)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        do {
          try Importer(try ModelSource("\(path)/s"), modelName: "m", program: "p").run(to: "\(path)/m.h5")
        } catch WeightError.noSpace("\(path)/m.h5", let needed, let available) {
          // Other programs write to the same disk in the meantime.
          let slack = 8 << 30, metadata = 1 << 20
          exit(needed > count * 4 && needed < count * 4 + metadata && abs(available - free) < slack ? 7 : 8)
        }
      }
    }
    #expect(folder.names() == ["s"])
  }

  @Test("Progress counts the bytes read after each block, and ends with the total") func progress() throws {
    let source = try source([("a", 600_000), ("b", 1), ("c", 262_144)])
    var importer = Importer(source, modelName: "m", program: "p")
    importer.languageModelType = .bfloat16
    var done: [Int] = []
    try importer.run(to: folder("m.h5")) {
      done.append($0.bytesDone)
      #expect($0.bytesTotal == 862_145 * 4)
    }
    #expect(done == [0, 1 << 20, 2 << 20, 2_400_000, 2_400_004, 862_145 * 4])
  }

  @Test("Tensors may share memory, up to 16 times the size of the files") func repetition() throws {
    let values = [Float](repeating: 1, count: 4096)
    func file(_ count: Int) -> [UInt8] {
      torchFile((0..<count).map { TorchTensor("t\($0)", "FloatStorage", key: "0", [4096], values) })
    }
    // The more tensors, the longer the pickle: the largest number that fits.
    let most = try #require((1..<80).last { $0 * 16_384 <= file($0).count * 16 })
    try folder.write("config.json", "{}")
    for (count, isAllowed) in [(most, true), (most + 1, false)] {
      let path = try folder.write("x.pt", file(count))
      let error = failure { () throws(WeightError) in try ModelSource(path).contents() }
      #expect((error == nil) == isAllowed, "\(count): \(String(describing: error))")
      if let error { #expect(error.description.contains("expected at most 16 times the size of the files")) }
    }
  }
}
