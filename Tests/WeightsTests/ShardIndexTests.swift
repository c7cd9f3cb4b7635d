// Checkpoints in several files: exactly the tensors of the index, and only from its own folder.

import Checkpoints
import Glibc
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct ShardIndexTests {
  static let first = "model-00001-of-00002.safetensors"
  static let second = "model-00002-of-00002.safetensors"

  /// A copy of the fixture with another index.
  private func folder(index: String? = nil) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in [Self.first, Self.second, "config.json"] { try folder.write(name, fixture("sharded/\(name)")) }
    try folder.write(
      "model.safetensors.index.json", index.map { Array($0.utf8) } ?? fixture("sharded/model.safetensors.index.json"))
    return folder
  }

  private func open(_ folder: TemporaryFolder) -> WeightError? {
    failure { () throws(WeightError) in try ShardIndex(folder("model.safetensors.index.json")).open() }
  }

  private func index(_ map: [(String, String)]) -> String {
    #"{"weight_map":{"# + map.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",") + "}}"
  }

  /// The fixture's index.
  static let map = [
    ("esm.a.bias", first), ("esm.a.weight", second), ("esm.position_ids", first), ("trunk.b", second),
    ("trunk.empty", first), ("trunk.scalar", second),
  ]

  @Test func opensEveryShard() throws {
    let files = try ShardIndex(Fixtures.path("weights/sharded/model.safetensors.index.json")).open()
    #expect(Set(files.flatMap { $0.entries.map(\.name) }) == Set(Self.map.map(\.0)))
    #expect(open(try folder(index: index(Self.map))) == nil)
  }

  @Test(arguments: [
    (#"{"total_size":8192}"#, 8192), (#"{"total_size":-1}"#, nil), (#"{"total_size":"8192"}"#, nil), ("{}", nil),
    ("[8192]", nil),
  ])
  func statedSize(_ metadata: String, _ bytes: Int?) throws {
    let folder = try folder(index: #"{"metadata":\#(metadata),"weight_map":{"a":"a.safetensors"}}"#)
    #expect(try ShardIndex(folder("model.safetensors.index.json")).totalBytes == bytes)
  }

  @Test func missingShardNamesAFileAndATensor() throws {
    let folder = try folder(index: index(Self.map + [("x.y", "model-3.safetensors")]))
    #expect(
      open(folder)
        == .missingShard(shard: "model-3.safetensors", tensor: "x.y", path: folder("model.safetensors.index.json")))
  }

  @Test func missingShardStopsAnImport() throws {
    let folder = try folder(index: index(Self.map + [("x.y", "model-3.safetensors")]))
    let error = failure { () throws(WeightError) in
      try Importer(try ModelSource(folder.path), modelName: "m", program: "p").run(to: folder("m.h5"))
    }
    guard case .missingShard(shard: "model-3.safetensors", tensor: "x.y", _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func missingTensorIsNamed() throws {
    let folder = try folder(index: index(Self.map + [("x.y", Self.second)]))
    #expect(open(folder) == .missing(tensor: "x.y", path: folder(Self.second)))
  }

  @Test func surplusAndMisplacedTensorsAreNamed() throws {
    let surplus = try folder(index: index(Array(Self.map.dropLast())))
    #expect(open(surplus)?.description.contains("weight_map.trunk.scalar: found no place for it") == true)
    let misplaced = try folder(index: index([("esm.a.bias", Self.second)] + Self.map.dropFirst()))
    #expect(open(misplaced)?.description.contains("weight_map.esm.a.bias") == true)
  }

  @Test(arguments: [
    ("", "found an empty file"), ("[]", "weight_map: found nothing, expected an object of tensor and file names"),
    ("{}", "weight_map: found nothing"), (#"{"weight_map":[]}"#, "weight_map: found nothing"),
    (#"{"weight_map":{}}"#, "weight_map: found no tensors, expected at least one"),
    (#"{"weight_map":{"a":1}}"#, "weight_map.a: found 1, expected the name of a .safetensors or .bin file"),
    (#"{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}"#, #"found the key "a" again"#),
  ])
  func refuses(_ text: String, _ words: String) throws {
    let sentence = open(try folder(index: text))?.description ?? "no error"
    #expect(sentence.contains(words), "\(sentence)")
  }

  /// Files of these names exist, if a file can have such a name.
  @Test(arguments: [
    "../model.safetensors", "/etc/x.safetensors", "sub/x.safetensors", "./x.safetensors", ".safetensors", ".x.bin",
    "config.json", "x.pt", #"x\u0000.safetensors"#, "",
  ])
  func onlyPlainNames(_ name: String) throws {
    let folder = try folder(index: index([("esm.a.bias", name)]))
    for file in ["sub/x.safetensors", ".safetensors", ".x.bin", "x.pt"] {
      try folder.write(file, fixture("sharded/\(Self.first)"))
    }
    let sentence = open(folder)?.description ?? "no error"
    #expect(
      sentence.contains("weight_map.esm.a.bias: found \"")
        && sentence.contains("expected the name of a .safetensors or .bin file in the same folder"), "\(sentence)")
  }

  @Test("A tensor in two shards is indexed in one; an overlong index is refused") func others() throws {
    let folder = try folder(index: index(Self.map))
    try folder.write(Self.second, fixture("model.safetensors"))
    let sentence = open(folder)?.description ?? "no error"
    #expect(sentence.contains(": found a place in \(Self.first) for it, expected \(Self.second)"), "\(sentence)")
    let path = folder("model.safetensors.index.json"), limit = 64 << 20
    truncate(path, limit + 1)
    #expect(
      failure { () throws(WeightError) in try ShardIndex(path) }
        == .tooLarge(path: path, bytes: limit + 1, limit: limit))
  }
}
