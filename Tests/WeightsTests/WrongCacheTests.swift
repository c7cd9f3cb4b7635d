// Cache files with one fault that the HDF5 library reads without complaint, as h5py wrote them
// (Scripts/weights-fixtures.py), and what our writer must not do.

import Checkpoints
import Glibc
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
      ("variable-text", "config: found another type, expected text of fixed length"),
      ("number-for-text", "config: found another type, expected text of fixed length"),
      ("several-texts", "config: found another type, expected text of fixed length"),
      ("not-utf-8", "config: found bytes that are not UTF-8, expected text in UTF-8"),
      ("short-number", "tensor_count: found another type, expected one 64-bit integer"),
      ("several-numbers", "tensor_count: found another type, expected one 64-bit integer"),
      ("negative-count", "tensor_count: found no count, expected the number of tensors"),
      ("sources-no-list", "sources: found another value, expected an array"),
      ("sources-no-objects", "sources: found 1, expected objects with name, bytes, modified, sha256"),
      ("no-group", "HDF5: H5Gopen2: "),
    ]) func refused(_ name: String, _ words: String) throws
  {
    let path = Self.path(name)
    let error = try #require(failure { () throws(WeightError) in try WeightCache.open(path) })
    #expect(error.description.hasPrefix(path) && error.description.contains(words), "\(error)")
    #expect(throws: WeightError.self) { try CacheCheck(path) }
  }

  @Test("Misaligned data are distinguished from data that need no alignment") func alignment() throws {
    let file = try MappedFile(Self.path("unaligned"))
    let open = try HDF5File.open(image: file.bytes, owner: file, path: "x")
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
    ]) func attributes(_ absent: String) throws
  {
    let folder = try TemporaryFolder()
    let path = folder("x.h5")
    let file = try HDF5File.create(path, metadataBytes: 0)
    for (name, text) in [
      ("format", "esmfold weights"), ("program", ""), ("created", ""), ("model_name", ""), ("config", ""),
      ("source", ""),
      ("sources", "[]"), ("source_sha256", ""),
    ] where name != absent { try file.setAttribute(name, text) }
    for (name, number) in [("format_version", 1), ("tensor_count", 0), ("complete", 1)] where name != absent {
      try file.setAttribute(name, number)
    }
    _ = try file.createDatasets(in: "tensors", [])
    try file.close()
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

  @Test("Attributes are unique; a placeholder takes texts of its length") func writing() throws {
    let folder = try TemporaryFolder()
    let path = folder("x.h5")
    let file = try HDF5File.create(path, metadataBytes: 0)
    try file.setAttribute("a", "x")
    guard case .hdf5("H5Acreate2", path, _)? = failure({ () throws(WeightError) in try file.setAttribute("a", 1) })
    else {
      Issue.record("an attribute twice")
      return
    }
    _ = try file.createDatasets(in: "g", [("t", .int64, [2]), ("u", .bool, [])], placeholder: ("s", "000"))
    try file.close()
    let again = try HDF5File.openForWriting(path)
    try again.replaceTexts("s", in: "g", [("t", "abc")])
    guard
      case .hdf5("H5Dopen2", path, _)? = failure({ () throws(WeightError) in
        try again.replaceTexts("s", in: "g", [("v", "abc")])
      })
    else {
      Issue.record("no such dataset")
      return
    }
    try again.close()
    let mapped = try MappedFile(path)
    let image = try HDF5File.open(image: mapped.bytes, owner: mapped, path: path)
    #expect(try image.texts("s", in: "g") == ["t": "abc", "u": "000"])
    #expect(try image.texts("r", in: "g").isEmpty && image.text("b") == nil && image.integer("b") == nil)
    #expect(throws: WeightError.self) { try image.integer("a") }
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
