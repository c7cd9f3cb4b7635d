// The cache file: read as h5py writes it, and refused in every state but the correct one.

import Checkpoints
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct WeightCacheTests {
  @Test func readsWhatH5pyWrites() throws {
    let path = Fixtures.path("weights/cache.h5")
    let header = try WeightCache.header(of: path)
    #expect(header.modelName == "tiny" && header.tensorCount == 2 && header.program == "weights-fixtures.py")
    #expect(header.sources == [SourceFile(name: "a", bytes: 1, modified: 2, sha256: "x")])
    #expect(header.created == "2020-01-01T00:00:00Z" && header.source == "somewhere" && header.sourceDigest == "x")
    let store = try WeightCache.open(path)
    #expect(Array(store.configJSON.utf8) == (try fixture("config.json")))
    #expect(store.modelName == "tiny" && store.parameterCount == 3 && store.byteCount == 10)
    #expect(try WeightScope(store)["a"].floats("weight", [1, 2]) == [1.5, -2.25])
    #expect(try WeightScope(store).floats("b", [1]) == [0.5])
  }

  @Test func viewsAnImageInPlace() throws {
    let bytes = try fixture("cache.h5")
    let image = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    defer { image.deallocate() }
    image.copyBytes(from: bytes)
    let store = try WeightCache.open(image: UnsafeRawBufferPointer(image), label: "built in")
    let tensor = try WeightScope(store).stored("a.weight", [1, 2])
    let start = try #require(image.baseAddress), data = try #require(tensor.bytes.baseAddress)
    #expect(data >= start && data < start + image.count && (data - UnsafeRawPointer(start)) % 64 == 0)
    #expect(image.elementsEqual(bytes))
  }

  @Test func everyTruncationIsAnError() throws {
    let folder = try TemporaryFolder()
    let empty = try folder.write("t.h5", "")
    #expect(failure { () throws(WeightError) in try WeightCache.open(empty) } == .empty(path: empty))
    let bytes = try fixture("cache.h5")
    let image = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    defer { image.deallocate() }
    image.copyBytes(from: bytes)
    for length in 1..<bytes.count {
      let part = UnsafeRawBufferPointer(rebasing: image[..<length])
      #expect(
        failure { () throws(WeightError) in try WeightCache.open(image: part, label: "t") }
          == (length < 48
            ? .notACache(path: "t", found: "no HDF5 file")
            : .truncated(path: "t", bytes: length, expected: bytes.count)))
    }
  }

  @Test func everyChangedByteIsReadOrRefused() throws {
    let bytes = try fixture("cache.h5")
    let image = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    defer { image.deallocate() }
    for index in bytes.indices {
      image.copyBytes(from: bytes)
      image[index] ^= 0xFF
      // Either result is fine; a trap would end the test run.
      _ = failure { () throws(WeightError) in try WeightCache.open(image: UnsafeRawBufferPointer(image), label: "t") }
    }
  }

  @Test func foreignFiles() throws {
    let folder = try TemporaryFolder()
    let other = Fixtures.path("weights/foreign.h5")
    #expect(
      failure { () throws(WeightError) in try WeightCache.open(other) }
        == .notACache(path: other, found: "an HDF5 file of another program"))
    let text = try folder.write("t.h5", String(repeating: "PDB ", count: 100))
    #expect(
      failure { () throws(WeightError) in try WeightCache.open(text) } == .notACache(path: text, found: "no HDF5 file"))
    #expect(
      failure { () throws(WeightError) in try WeightCache.header(of: folder.path) }
        == .notRegular(path: folder.path, kind: "a folder"))
  }

  @Test("HDF5 versions without checksums are refused") func olderForms() throws {
    let folder = try TemporaryFolder()
    var bytes = try fixture("cache.h5")
    for (place, value) in [(8, 0), (8, 1), (8, 4), (9, 4), (10, 2)] as [(Int, UInt8)] {
      let old = bytes[place]
      bytes[place] = value
      let path = try folder.write("t.h5", bytes)
      #expect(
        failure { () throws(WeightError) in try WeightCache.open(path) }
          == .notACache(path: path, found: "an HDF5 file of another program"))
      bytes[place] = old
    }
  }

  /// A file with the right format and these numbers, closed.
  private func file(_ path: String, version: Int, complete: Int?, count: Int?) throws {
    let attributes = cacheAttributes(version: version, tensorCount: count, complete: complete)
    try writeCache(path, attributes: attributes, tensors: [("t", .float32, [3]), ("none", .int64, [0])])
  }

  @Test func statesOfAnImport() throws {
    let folder = try TemporaryFolder()
    let path = folder("t.h5")
    func error() -> WeightError? { failure { () throws(WeightError) in try WeightCache.open(path) } }
    try file(path, version: 1, complete: 1, count: 2)
    #expect(error() == nil)
    try file(path, version: 2, complete: 1, count: 2)
    #expect(error() == .version(path: path, found: 2, supported: 1))
    try file(path, version: 1, complete: nil, count: 2)
    #expect(error() == .incomplete(path: path))
    try file(path, version: 1, complete: 0, count: 2)
    #expect(error() == .incomplete(path: path))
    try file(path, version: 1, complete: 1, count: 3)
    #expect(error() == .malformed(path: path, what: "tensors", found: "2 tensors", expected: "3"))
    try file(path, version: 1, complete: 1, count: 1)
    #expect(error() == .malformed(path: path, what: "tensors", found: "2 tensors", expected: "1"))
    try file(path, version: 1, complete: 1, count: nil)
    #expect(error()?.description.contains("tensor_count") == true)
  }
}
