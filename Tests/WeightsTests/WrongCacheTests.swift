// Cache files with one fault that the HDF5 library reads without complaint, as h5py wrote them
// (Scripts/weights-fixtures.py).

import Checkpoints
import Glibc
import Platform
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct WrongCacheTests {
  private static func path(_ name: String) -> String { Fixtures.path("weights/wrong/\(name).h5") }

  @Test(
    "Each is refused with a message of its own",
    arguments: [
      ("double", "t: found another type, expected float32, float16, bfloat16, int64 or bool"),
      ("big-endian", "t: found another type, expected float32"),
      ("unsigned", "t: found another type, expected float32"),
      ("chunked", "t: found data in pieces or none, expected contiguous data"),
      ("no-data", "t: found data in pieces or none, expected contiguous data"),
      ("null", "t: found a dataset without a shape, expected a tensor"),
      ("unaligned", ": found data at byte "),
      ("number-for-text", "config: found another type, expected a text"),
      ("several-texts", "config: found another type, expected a text"),
      ("not-utf-8", "config: found bytes that are not UTF-8, expected text in UTF-8"),
      ("short-number", "tensor_count: found another type, expected one 64-bit integer"),
      ("several-numbers", "tensor_count: found another type, expected one 64-bit integer"),
      ("negative-count", "tensor_count: found no count, expected the number of tensors"),
      ("sources-no-list", "sources: found another value, expected an array"),
      ("sources-no-objects", "sources: found 1, expected objects with name, bytes, modified, sha256"),
      ("no-group", "tensors: found no group of this name, expected a group"),
    ]) func refused(_ name: String, _ words: String) throws
  {
    let path = Self.path(name)
    let error = try #require(failure { () throws(WeightError) in try WeightCache.open(path) })
    #expect(error.description.hasPrefix(path) && error.description.contains(words), "\(error)")
    #expect(throws: WeightError.self) { try CacheCheck(path) }
  }

  @Test("Misaligned data are distinguished from data that need no alignment") func alignment() throws {
    let file = try MappedFile(Self.path("unaligned"))
    let open = try HDF5File(image: file.bytes, owner: file, path: "x")
    let datasets = try open.datasets(in: "tensors", aligned: false)
    #expect(datasets.map(\.name) == ["a", "b"] && datasets[1].offset == datasets[0].offset + 2)
    let error = failure { () throws(WeightError) in try open.datasets(in: "tensors") }
    guard case .malformed("x", _, let found, "a multiple of 64")? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found.hasPrefix("data at byte "))
  }

  @Test("If some tensors have digests, all must") func digests() throws {
    let check = try CacheCheck(Self.path("digest-of-one"))
    #expect(check.hasDigests)
    let faults = check.run { _ in }
    let path = Self.path("digest-of-one")
    #expect(faults.count == 2)
    // By sha256sum, of [1.5, -2.25].
    let digest = "6bfc2c48730924ee3bcd58a6a48a91ef7eef1d7ede12938132f5534418f11cb4"
    #expect(
      faults.first
        == .digest(tensor: "a", found: digest, expected: String(repeating: "0", count: 64), path: path))
    #expect(
      faults.last
        == .digest(tensor: "b", found: "none recorded", expected: "one, as other tensors have", path: path))
  }

  @Test(
    "Every attribute must be there",
    arguments: [
      "format", "format_version", "program", "created", "model_name", "config", "source", "sources", "source_sha256",
      "tensor_count", "complete",
    ]) func absent(_ absent: String) throws
  {
    let folder = try TemporaryFolder()
    let path = folder("x.h5")
    try writeCache(path, attributes: cacheAttributes(tensorCount: 0).filter { $0.name != absent })
    let error = failure { () throws(WeightError) in try WeightCache.open(path) }
    let expected: WeightError =
      switch absent {
      case "format", "format_version": .notACache(path: path, found: "an HDF5 file of another program")
      case "complete": .incomplete(path: path)
      case "tensor_count":
        .malformed(path: path, what: absent, found: "no count", expected: "the number of tensors")
      default: .malformed(path: path, what: absent, found: "no attribute of this name", expected: "text")
      }
    #expect(error == expected)
  }

  @Test("A text of variable length is as good as one of fixed length") func variableText() throws {
    let store = try WeightCache.open(Self.path("variable-text"))
    #expect(store.configJSON.hasPrefix("{"))
  }

  @Test("Attributes that are not there are nil; another type is an error") func attributes() throws {
    let folder = try TemporaryFolder(), path = folder("x.h5")
    try writeCache(path, attributes: [HDF5Attribute("a", .text("x")), HDF5Attribute("n", .integer(1))])
    let mapped = try MappedFile(path), file = try HDF5File(image: mapped.bytes, owner: mapped, path: path)
    #expect(try file.text("b") == nil && file.integer("b") == nil && file.text("a", of: "nothing") == nil)
    #expect(throws: WeightError.self) { try file.integer("a") }
    #expect(throws: WeightError.self) { try file.text("n") }
    #expect(throws: WeightError.self) { try file.datasets(in: "nothing") }
    #expect(throws: WeightError.self) { try file.dataset("nothing", in: "tensors") }
  }

  /// A file with room for `room` bytes and a tensor of floats at each of `tensors`, counted from there.
  private func write(_ path: String, room: Int, tensors: [(name: String, count: Int, offset: Int)]) throws -> Int {
    let part = try UnfinishedFile(for: path)
    var writer = HDF5Writer(part), members: [HDF5Writer.Member] = []
    let place = try writer.reserve(room)
    for tensor in tensors {
      members.append((tensor.name, try writer.add(.float32, [tensor.count], at: place + tensor.offset)))
    }
    let group = try writer.addGroup(members)
    let root = try writer.addGroup([("tensors", group)], attributes: cacheAttributes(tensorCount: tensors.count))
    try writer.finish(root: root)
    try part.commit()
    return place
  }

  @Test("Tensors that share bytes are refused") func overlap() throws {
    let folder = try TemporaryFolder(), path = folder("x.h5")
    let place = try write(path, room: 256, tensors: [("a", 32, 0), ("b", 16, 64)])
    #expect(
      failure { () throws(WeightError) in try WeightCache.open(path) }
        == .malformed(path: path, what: "b", found: "data at \(place + 64)", expected: "data behind those of a"))
    _ = try write(path, room: 256, tensors: [("a", 16, 0), ("b", 16, 64)])
    #expect(try WeightCache.open(path).names == ["a", "b"])
  }

  @Test("A tensor that begins within the file and ends behind it is refused") func beyondTheEnd() throws {
    let folder = try TemporaryFolder(), path = folder("x.h5")
    let place = try write(path, room: 1 << 16, tensors: [("a", 8192, 3 * 16_384)])
    let size = try content(path).count
    #expect(
      failure { () throws(WeightError) in try WeightCache.open(path) }
        == .malformed(
          path: path, what: "a", found: "float32 of shape [8192] at \(place + 3 * 16_384)",
          expected: "data within the \(size) bytes of the file"))
  }

  @Test("Tensors are listed in file order and counted without buffers") func store() throws {
    let folder = try TemporaryFolder()
    let header =
      #"{"z":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F16","shape":[3],"data_offsets":[8,14]},"#
      + #""m.inv_freq":{"dtype":"F16","shape":[1],"data_offsets":[14,16]},"#
      + #""ids":{"dtype":"I64","shape":[1],"data_offsets":[16,24]},"x":{"dtype":"BOOL","shape":[1],"data_offsets":[24,25]}}"#
    try folder.write("model.safetensors", safetensors(header, data: [UInt8](repeating: 0, count: 25)))
    try folder.write("config.json", "{}")
    try Importer(try ModelSource(folder.path), modelName: "m", program: "p").run(to: folder("m.h5"))
    let store = try WeightCache.open(folder("m.h5"))
    #expect(store.tensorsInOrder.map(\.name) == ["z", "a", "m.inv_freq", "ids", "x"])
    #expect(store.names == ["a", "ids", "m.inv_freq", "x", "z"])
    #expect(store.parameterCount == 5 && store.byteCount == 25)
    #expect(Dictionary(uniqueKeysWithValues: store.sizes) == ["z": 8, "a": 6, "m.inv_freq": 2, "ids": 8, "x": 1])
  }
}
