// Exports: read back bit for bit, all or nothing.

import Checkpoints
import Glibc
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct ExporterTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func cache(_ source: String, _ name: String) throws -> String {
    try Importer(try ModelSource(source), modelName: "m", program: "p").run(to: folder(name))
    return folder(name)
  }

  private func export(_ path: String, to name: String, overwriting: Bool = false) throws(WeightError) {
    let model = try CacheCheck(path)
    try Exporter(model, companions: [("config.json", model.store.configJSON)]).run(
      to: folder(name), overwriting: overwriting)
  }

  /// Every tensor with type, shape and bytes.
  private func tensors(_ path: String) throws -> [String: [UInt8]] {
    let store = try WeightCache.open(path)
    return Dictionary(
      uniqueKeysWithValues: store.tensorsInOrder.map {
        ("\($0.name) \($0.elementType) \($0.shape)", Array($0.bytes))
      })
  }

  @Test(arguments: ["weights", "folding/folding-a", "family/esm1b", "torch/shards", "torch/every-kind.pt"])
  func thereAndBack(_ name: String) throws {
    var source = Fixtures.path(name)
    if name.hasSuffix("every-kind.pt") {
      // A single file needs a configuration beside it.
      try folder.write("s/pytorch_model.bin", content(source))
      try folder.write("s/config.json", "{}")
      source = folder("s")
    }
    let first = try cache(source, "first.h5")
    try export(first, to: "out/deep")
    #expect(folder.names().contains("out"))
    let second = try cache(folder("out/deep"), "second.h5")
    let isSame = try tensors(first) == tensors(second)
    #expect(isSame)
    #expect(try WeightCache.open(first).configJSON == WeightCache.open(second).configJSON)
  }

  /// The rules that other readers rely on, beyond what ours checks: metadata, alignment of the header and of each tensor.
  @Test func theHeaderIsAsOthersWriteIt() throws {
    try export(try cache(Fixtures.path("weights"), "m.h5"), to: "out")
    let bytes = try content(folder("out/model.safetensors"))
    let length = Int(UInt64(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }))
    #expect(length % 8 == 0)
    let text = Array(bytes[8..<8 + length])
    guard case .object(let header) = try JSONValue(parsing: text, path: "header") else {
      Issue.record("no object")
      return
    }
    #expect(header["__metadata__"] == .object(["format": .string("pt")]))
    let file = try Safetensors(folder("out/model.safetensors"))
    for tensor in try file.tensors() {
      guard case .object(let entry)? = header[tensor.name], case .array(let offsets)? = entry["data_offsets"],
        case .integer(let start)? = offsets.first
      else {
        Issue.record("\(tensor.name)")
        return
      }
      #expect(start % tensor.elementType.byteCount == 0)
    }
  }

  @Test func whatIsThereStaysUnlessItMayBeReplaced() throws {
    let model = try cache(Fixtures.path("family/esm2"), "m.h5")
    try folder.write("out/config.json", "mine")
    try folder.write("out/notes.txt", "mine, too")
    #expect(
      failure { () throws(WeightError) in try export(model, to: "out") }
        == .alreadyThere(path: folder("out/config.json")))
    #expect(try content(folder("out/config.json")) == Array("mine".utf8))
    try export(model, to: "out", overwriting: true)
    #expect(try content(folder("out/notes.txt")) == Array("mine, too".utf8))
    #expect(try content(folder("out/config.json")) == content(Fixtures.path("family/esm2/config.json")))
    #expect(TemporaryFolder.names(folder("out")) == ["config.json", "model.safetensors", "notes.txt"])
    mkdir(folder("other"), 0o755)
    mkdir(folder("other/config.json"), 0o755)
    #expect(
      failure { () throws(WeightError) in try export(model, to: "other", overwriting: true) }
        == .notRegular(path: folder("other/config.json"), kind: "a folder"))
  }

  @Test("An export that was interrupted between its files can be run again") func interrupted() throws {
    let model = try cache(Fixtures.path("family/esm2"), "m.h5")
    try folder.write("out/config.json", try content(Fixtures.path("family/esm2/config.json")))
    try export(model, to: "out")
    #expect(TemporaryFolder.names(folder("out")) == ["config.json", "model.safetensors"])
    // With its weights it is finished.
    #expect(
      failure { () throws(WeightError) in try export(model, to: "out") }
        == .alreadyThere(path: folder("out/model.safetensors")))
  }

  @Test func damageIsNotPassedOn() throws {
    let path = try cache(Fixtures.path("family/esm2"), "m.h5")
    try export(path, to: "out")
    let before = try content(folder("out/model.safetensors"))
    var bytes = try content(path)
    // The tensors' offsets depend on the length of these files' paths.
    let file = try MappedFile(path)
    let places = try HDF5File(image: file.bytes, owner: file, path: path).datasets(in: "tensors")
    bytes[try #require(places.last).offset] ^= 1
    try folder.write("d.h5", bytes)
    guard case .digest = failure({ () throws(WeightError) in try export(folder("d.h5"), to: "out", overwriting: true) })
    else {
      Issue.record("no error")
      return
    }
    // Neither an unfinished file nor a change to existing ones.
    #expect(TemporaryFolder.names(folder("out")) == ["config.json", "model.safetensors"])
    #expect(try firstDifference(content(folder("out/model.safetensors")), before) == nil)
  }

  /// From the first change until the last rename the folder has no model.
  @Test("Old weights are never combined with a new configuration, and an earlier failure keeps both") func order()
    throws
  {
    let path = try cache(Fixtures.path("family/esm2"), "m.h5")
    try folder.write("out/config.json", "old")
    try folder.write("out/model.safetensors", "old")
    let model = try CacheCheck(path)
    let companions = [("config.json", "new"), ("vocab.txt", "words")]
    var states: [[String]] = []
    try Exporter(model, companions: companions).run(to: folder("out"), overwriting: true) { progress in
      let names = TemporaryFolder.names(folder("out")).filter { !$0.hasPrefix(".") }
      if states.last != names { states.append(names) }
      if progress.bytesDone < progress.bytesTotal {
        #expect((try? content(folder("out/config.json"))) == Array("old".utf8))
      }
      #expect(progress.bytesTotal == model.store.byteCount)
    }
    #expect(states == [["config.json", "model.safetensors"], ["config.json"]])
    #expect(try content(folder("out/config.json")) == Array("new".utf8))
    #expect(try content(folder("out/vocab.txt")) == Array("words".utf8))
    #expect(TemporaryFolder.names(folder("out")) == ["config.json", "model.safetensors", "vocab.txt"])
    // The last of three names already exists: nothing changes.
    unlink(folder("out/config.json"))
    unlink(folder("out/vocab.txt"))
    #expect(
      failure { () throws(WeightError) in
        try Exporter(model, companions: companions).run(to: folder("out"), overwriting: false)
      } == .alreadyThere(path: folder("out/model.safetensors")))
    #expect(TemporaryFolder.names(folder("out")) == ["model.safetensors"])
  }

  /// Blocks of an export are 1 MiB: a tensor of several, after one with an odd element count and before one of another
  /// width, in the order of the format's own writer.
  @Test("Tensors of several blocks are where the header says, wide elements first") func blocks() throws {
    let floats = (0..<700_001).map { Float($0) }, halves = (0..<3).map { Float16($0) }, truths: [UInt8] = [1, 0, 1]
    let numbers = [Int64.min, 5]
    let tensors = [
      TorchTensor("b", "FloatStorage", key: "0", [700_001], floats),
      TorchTensor("a", "HalfStorage", key: "1", [3], halves),
      TorchTensor("c", "BoolStorage", key: "2", [3], truths),
      TorchTensor("d", "LongStorage", key: "3", [2, 1], numbers),
      TorchTensor("a2", "FloatStorage", key: "4", [1], [Float(0.5)]),
      TorchTensor("e", "BFloat16Storage", key: "5", [1], [UInt16(0x3F80)]),
      TorchTensor("s", "FloatStorage", key: "6", [], [Float(7)]),
      TorchTensor("z", "FloatStorage", key: "7", [0, 3], [Float]()),
    ]
    try folder.write("s/x.pt", torchFile(tensors))
    try folder.write("s/config.json", "{}")
    try export(try cache(folder("s/x.pt"), "m.h5"), to: "out")
    let bytes = try content(folder("out/model.safetensors"))
    let length = Int(UInt64(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }))
    var text = #"{"__metadata__":{"format":"pt"}"#, offset = 0
    var data: [UInt8] = []
    for (name, dtype, shape) in [
      ("d", "I64", "2,1"), ("a2", "F32", "1"), ("b", "F32", "700001"), ("s", "F32", ""), ("z", "F32", "0,3"),
      ("a", "F16", "3"),
      ("e", "BF16", "1"), ("c", "BOOL", "3"),
    ] {
      let tensor = try #require(tensors.first { $0.name == name })
      let end = offset + tensor.data.count
      text += #","\#(name)":{"dtype":"\#(dtype)","shape":[\#(shape)],"data_offsets":[\#(offset),\#(end)]}"#
      data += tensor.data
      offset = end
    }
    text += "}"
    text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
    #expect(length % 8 == 0 && String(decoding: bytes[8..<8 + length], as: UTF8.self) == text)
    #expect(firstDifference(Array(bytes[(8 + length)...]), data) == nil)
  }
}
