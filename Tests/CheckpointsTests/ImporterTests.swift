// Imports: bit for bit, checked during the import, all or nothing.

import Checkpoints
import Glibc
import Platform
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct ImporterTests {
  /// A source folder with one float32 tensor `t` of `values`.
  private func source(_ values: [Float], in folder: TemporaryFolder, config: String = "{}") throws -> ModelSource {
    let header = #"{"t":{"dtype":"F32","shape":[\#(values.count)],"data_offsets":[0,\#(values.count * 4)]}}"#
    try folder.write("m/model.safetensors", safetensors(header, data: values.withUnsafeBytes(Array.init)))
    try folder.write("m/config.json", config)
    return try ModelSource(folder("m"))
  }

  private func bits(_ tensor: StoredTensor) -> [UInt8] { withExtendedLifetime(tensor) { Array(tensor.bytes) } }

  @Test(arguments: ["weights", "weights/sharded", "weights/model.safetensors"])
  func keepsEveryBit(_ name: String) throws {
    let folder = try TemporaryFolder()
    let source = try ModelSource(Fixtures.path(name))
    var done: [Int] = []
    try Importer(source, modelName: "tiny", program: "test 1").run(to: folder("x.h5")) { progress in
      #expect(
        progress.temporaryPath.hasPrefix("\(folder.path)/.x.h5.part-") && progress.bytesTotal == 24 + 10 + 6 + 32 + 4)
      done.append(progress.bytesDone)
    }
    #expect(done.first == 0 && done.last == 76 && done == done.sorted())
    #expect(folder.names() == ["x.h5"])

    let store = try WeightCache.open(folder("x.h5"))
    #expect(store.modelName == "tiny")
    #expect(Array(store.configJSON.utf8) == (try fixture("config.json")))
    let original = try Safetensors(Fixtures.path("weights/model.safetensors")).tensors()
    #expect(store.names == original.map(\.name).sorted())
    for tensor in original {
      let stored = try store.stored(tensor.name, tensor.shape)
      #expect(stored.elementType == tensor.elementType && bits(stored) == bits(tensor), "\(tensor.name)")
      if let address = stored.bytes.baseAddress, stored.count > 0 { #expect(UInt(bitPattern: address) % 64 == 0) }
    }
    let header = try WeightCache.header(of: folder("x.h5"))
    #expect(header.program == "test 1" && header.source == source.path && header.tensorCount == 6)
    #expect(header.sources.map(\.name).starts(with: ["config.json", source.weights]))
    for file in header.sources {
      var digest = RunningDigest()
      try content("\(source.folder)/\(file.name)").withUnsafeBytes { digest.update($0) }
      #expect(digest.finish().hexadecimal == file.sha256)
    }
    if header.sources.count == 2 { #expect(header.sourceDigest == header.sources[1].sha256) }
  }

  @Test func aLongConfigurationFits() throws {
    let folder = try TemporaryFolder()
    let config = #"{"labels":"\#(String(repeating: "å", count: 200_000))"}"#
    let source = try source([1], in: folder, config: config)
    try Importer(source, modelName: "m", program: "p").run(to: folder("x.h5"))
    #expect(try WeightCache.open(folder("x.h5")).configJSON == config)
  }

  @Test func roundsToHalvesAsNumpyAndTorch() throws {
    let bytes = try fixture("halves.bin")
    let count = bytes.count / 8
    let values: [Float] = bytes.withUnsafeBytes { raw in
      (0..<count).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
    for (type, start) in [(ElementType.float16, count * 4), (.bfloat16, count * 6)] {
      let expected: [UInt16] = bytes.withUnsafeBytes { raw in
        (0..<count).map { raw.loadUnaligned(fromByteOffset: start + $0 * 2, as: UInt16.self) }
      }
      // Numbers that round to infinity are refused; see the next test.
      let exponent: UInt16 = type == .float16 ? 0x7C00 : 0x7F80
      let finite = expected.indices.filter { expected[$0] & exponent != exponent }
      #expect(finite.count > count - 8)
      let folder = try TemporaryFolder()
      var importer = Importer(try source(finite.map { values[$0] }, in: folder), modelName: "m", program: "p")
      importer.languageModelType = type
      try importer.run(to: folder("x.h5"))
      let stored = try WeightCache.open(folder("x.h5")).stored("t", [finite.count])
      #expect(stored.elementType == type)
      let bytes = bits(stored)
      let found = (0..<finite.count).map { UInt16(bytes[$0 * 2]) | UInt16(bytes[$0 * 2 + 1]) << 8 }
      #expect(found == finite.map { expected[$0] })
    }
  }

  @Test func conversionBeyondTheRangeIsAnError() throws {
    let folder = try TemporaryFolder()
    var importer = Importer(try source([65519, 65520], in: folder), modelName: "m", program: "p")
    importer.languageModelType = .float16
    let error = failure { () throws(WeightError) in try importer.run(to: folder("x.h5")) }
    let path = try #require(folder("m/model.safetensors").resolvedPath)
    #expect(error == .overflow(tensor: "t", index: 1, value: 65520, target: .float16, path: path))
    #expect(folder.names() == ["m"])
  }

  /// The position of the bad element in a tensor of several blocks.
  @Test(arguments: [0, 1, 1023, 1024, 262_143, 262_144, 300_000], [Float.infinity, -.infinity])
  func nonFiniteElementsAreFound(index: Int, value: Float) throws {
    let folder = try TemporaryFolder()
    var values = [Float](repeating: .greatestFiniteMagnitude, count: 300_001)
    values[index] = value
    let source = try source(values, in: folder)
    let error = failure { () throws(WeightError) in
      try Importer(source, modelName: "m", program: "p").run(to: folder("x.h5"))
    }
    #expect(error == .notFinite(tensor: "t", index: index, value: value, path: "\(source.path)/model.safetensors"))
    #expect(folder.names() == ["m"])
  }

  @Test(arguments: [
    ("F16", 0x7BFF, 0x7C00), ("F16", 0xFBFF, 0xFE01), ("BF16", 0x7F7F, 0x7F80), ("BF16", 0xFF7F, 0xFFC0),
  ])
  func nonFiniteHalvesAreFound(dtype: String, largest: Int, bad: Int) throws {
    let folder = try TemporaryFolder()
    for position in [Int?.none, 0, 2047, 2048, 4000] {
      var values = [UInt16](repeating: UInt16(largest), count: 4001)
      if let position { values[position] = UInt16(bad) }
      let header = #"{"t":{"dtype":"\#(dtype)","shape":[4001],"data_offsets":[0,8002]}}"#
      try folder.write("m/model.safetensors", safetensors(header, data: values.withUnsafeBytes(Array.init)))
      try folder.write("m/config.json", "{}")
      let source = try ModelSource(folder("m"))
      let error = failure { () throws(WeightError) in
        try Importer(source, modelName: "m", program: "p").run(to: folder("x.h5"))
      }
      switch (error, position) {
      case (nil, nil): break
      case (.notFinite(_, let index, _, _)?, let position?) where index == position: break
      default: Issue.record("\(dtype) \(position ?? -1): \(error.map { "\($0)" } ?? "no error")")
      }
    }
  }

  @Test func whatCannotBeStoredIsRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write("config.json", "{}")
    for (name, dtype) in [("a/b", "I64"), ("", "I64"), (".", "I64"), (#"a\u0000"#, "I64"), ("a", "F64")] {
      let header = #"{"\#(name)":{"dtype":"\#(dtype)","shape":[1],"data_offsets":[0,8]}}"#
      try folder.write("model.safetensors", safetensors(header, data: Array(repeating: 0, count: 8)))
      let source = try ModelSource(folder.path)
      #expect(throws: WeightError.self) { try Importer(source, modelName: "m", program: "p").run(to: folder("x.h5")) }
    }
    try folder.write("model.safetensors", safetensors("{}"))
    let source = try ModelSource(folder.path)
    #expect(throws: WeightError.self) { try Importer(source, modelName: "m", program: "p").run(to: folder("x.h5")) }
    #expect(
      failure { () throws(WeightError) in try Importer(source, modelName: "../m", program: "p").run(to: folder("x.h5"))
      }
        == .modelName("../m"))
    #expect(folder.names() == ["config.json", "model.safetensors"])
  }

  @Test func aSourceThatChangesIsRefused() throws {
    let folder = try TemporaryFolder()
    let source = try source([1, 2], in: folder)
    let error = failure { () throws(WeightError) in
      try Importer(source, modelName: "m", program: "p").run(to: folder("x.h5")) { progress in
        if progress.bytesDone == 0 { _ = try? folder.write("m/config.json", "{ }") }
      }
    }
    #expect(error == .changed(path: source.path))
    #expect(folder.names() == ["m"])
  }

  @Test func sources() throws {
    let folder = try TemporaryFolder()
    #expect(
      failure { () throws(WeightError) in try ModelSource(folder("no")) }
        == .system(path: folder("no"), action: "open", code: ENOENT))
    #expect(
      failure { () throws(WeightError) in try ModelSource(folder.path) }
        == .noWeights(path: folder.path, found: "none of its files"))
    try folder.write("pytorch_model.bin", "x")
    #expect(try ModelSource(folder.path).weights == "pytorch_model.bin")
    try folder.write(
      "model.safetensors", safetensors(#"{"t":{"dtype":"I64","shape":[0],"data_offsets":[0,0]}}"#))
    #expect(try ModelSource(folder.path).weights == "model.safetensors")
    #expect(
      failure { () throws(WeightError) in try ModelSource(folder.path).contents() }
        == .noConfiguration(path: folder("config.json")))
    for config in ["", "[]", "{", "nonsense"] {
      try folder.write("config.json", config)
      #expect(throws: WeightError.self) { try ModelSource(folder.path).configuration() }
    }
    try folder.write("models--facebook--esmfold_v1/snapshots/0123/model.safetensors", safetensors("{}"))
    try folder.write("models--facebook--esmfold_v1/snapshots/0123/config.json", "{}")
    #expect(try ModelSource(folder("models--facebook--esmfold_v1/snapshots/0123/")).suggestedName == "esmfold_v1")
    try folder.write("my model (2)/other.safetensors", safetensors("{}"))
    try folder.write("my model (2)/config.json", "{}")
    #expect(try ModelSource(folder("my model (2)/other.safetensors")).suggestedName == "my_model__2_-other")
  }

  @Test func aKilledImportLeavesNoModelAndTheNextOneTidiesUp() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    let source = try source([Float](repeating: 1, count: 1_000_000), in: folder)
    let sourcePath = source.path
    try await Handed.over(path, sourcePath) {
      await #expect(processExitsWith: .signal(SIGKILL)) {
        let (path, sourcePath) = try Handed.taken(String.self, String.self)
        let importer = Importer(try ModelSource(sourcePath), modelName: "m", program: "p")
        try importer.run(to: "\(path)/x.h5") { progress in
          if progress.bytesDone * 2 > progress.bytesTotal { kill(getpid(), SIGKILL) }
        }
      }
    }
    let left = folder.names().filter { $0 != "m" }
    try #require(left.count == 1 && left[0].hasPrefix(".x.h5.part-"))
    #expect(
      failure { () throws(WeightError) in try WeightCache.open(folder(left[0])) }
        == .notACache(path: folder(left[0]), found: "no HDF5 file"))
    #expect(try CacheFolder(path: path).entries().isEmpty)
    try Importer(source, modelName: "m", program: "p").run(to: folder("x.h5"))
    #expect(folder.names() == ["m", "x.h5"])
  }

  @Test func aFullDiskIsAnErrorAndLeavesNothing() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    let sourcePath = try source([Float](repeating: 1, count: 1_000_000), in: folder).path
    // A file size limit stands in for a full disk: writing fails in the same places.
    try await Handed.over(path, sourcePath) {
      await #expect(processExitsWith: .exitCode(7)) {
        let (path, sourcePath) = try Handed.taken(String.self, String.self)
        signal(SIGXFSZ, SIG_IGN)
        let importer = Importer(try ModelSource(sourcePath), modelName: "m", program: "p")
        do {
          try importer.run(to: "\(path)/x.h5") { progress in
            if progress.bytesDone > 0 {
              var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
              setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            }
          }
        } catch WeightError.system(let error) where error.action == "write" {
          exit(error.code == EFBIG ? 7 : 8)
        }
      }
    }
    #expect(folder.names() == ["m"])
  }
}

extension String {
  /// The path with links resolved.
  fileprivate var resolvedPath: String? {
    guard let path = realpath(self, nil) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }

  @Test("The checksums of a zip file are compared while it is copied, those of its other entries, too")
  func zipChecksums() throws {
    let folder = try TemporaryFolder()
    let name = "torch/fair-esm/esm2_tiny.pt"
    let original = try content(Fixtures.path(name))
    let checksums = try Checkpoint(Fixtures.path(name)).checksums
    #expect(checksums.contains { $0.name.hasSuffix("/data.pkl") })
    func run(_ bytes: [UInt8]) throws -> WeightError? {
      try folder.write("m/esm2_tiny.pt", bytes)
      let source = try ModelSource(folder("m/esm2_tiny.pt"))
      return failure { () throws(WeightError) in
        try Importer(source, modelName: "m", program: "p").run(to: folder("m.h5"))
      }
    }
    #expect(try run(original) == nil && folder.names() == ["m", "m.h5"])
    unlink(folder("m.h5"))
    // The last bit of a number, and that of an entry that nobody reads.
    let storages = checksums.filter { $0.name.contains("/data/") }
    let version = try #require(checksums.first { $0.name.hasSuffix("/version") })
    for entry in [storages[0], storages[storages.count / 2], storages[storages.count - 1], version] {
      var bytes = original
      bytes[entry.range.lowerBound] ^= 1
      let error = try run(bytes)
      #expect(
        error?.description.contains("zip entry \"\(entry.name)\": found CRC-32 ") == true,
        "\(error?.description ?? "no error")")
      #expect(folder.names() == ["m"])
    }
  }
}
