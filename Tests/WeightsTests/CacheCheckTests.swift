// Verification: a changed byte anywhere is found, and one in a tensor is reported with its name.

import Checkpoints
import Glibc
import Platform
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct CacheCheckTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// The cache file of a newly imported fixture model.
  private func imported(_ name: String = "folding/folding-a", languageModelType: ElementType? = nil) throws -> String {
    var importer = Importer(try ModelSource(Fixtures.path(name)), modelName: "m", program: "p")
    importer.languageModelType = languageModelType
    try importer.run(to: folder("m.h5"))
    return folder("m.h5")
  }

  private func faults(_ path: String) throws -> [WeightError] { try CacheCheck(path).run { _ in } }

  /// The location of each tensor's data in a cache file.
  private func places(_ path: String) throws -> [(name: String, bytes: Range<Int>)] {
    let file = try MappedFile(path)
    let datasets = try HDF5File(image: file.bytes, owner: file, path: path).datasets(in: "tensors")
    return datasets.map {
      ($0.name, $0.offset..<$0.offset + $0.shape.reduce($0.elementType.byteCount, *))
    }
  }

  @Test(arguments: [ElementType?.none, .float16, .bfloat16])
  func digestsAreThoseOfTheStoredBytes(_ type: ElementType?) throws {
    let check = try CacheCheck(try imported(languageModelType: type))
    var last = 0
    #expect(check.hasDigests)
    #expect(check.run { last = $0 } == [])
    #expect(last == check.store.byteCount)
    for tensor in check.store.tensorsInOrder {
      var digest = RunningDigest()
      digest.update(tensor.bytes)
      #expect(digest.finish().hexadecimal == check.digest(of: tensor), "\(tensor.name)")
    }
  }

  /// Blocks of import and check are 1 MiB; this tensor has four of them, none page-aligned.
  @Test func aTensorOfSeveralBlocks() throws {
    var numbers = RandomNumbers(seed: 5)
    let values = numbers.floats(900_001)
    let header = #"{"t":{"dtype":"F32","shape":[900001],"data_offsets":[0,3600004]}}"#
    try folder.write("s/model.safetensors", safetensors(header, data: values.withUnsafeBytes(Array.init)))
    try folder.write("s/config.json", "{}")
    try Importer(try ModelSource(folder("s")), modelName: "m", program: "p").run(to: folder("m.h5"))
    let check = try CacheCheck(folder("m.h5"))
    let expected = values.withUnsafeBytes { bytes in
      var digest = RunningDigest()
      digest.update(bytes)
      return digest.finish().hexadecimal
    }
    #expect(check.digest(of: try #require(check.store.tensorsInOrder.first)) == expected)
    #expect(check.run { _ in } == [])

    var bytes = try content(folder("m.h5"))
    let place = try #require(try places(folder("m.h5")).first)
    bytes[place.bytes.upperBound - 1] ^= 1
    #expect(try faults(folder.write("d.h5", bytes)).map(tensor) == ["t"])
  }

  private func tensor(_ error: WeightError) -> String? {
    switch error {
    case .digest(let tensor, let found, let expected, _) where found != expected: tensor
    case .notFinite(let tensor, _, _, _): tensor
    default: nil
    }
  }

  @Test func aChangedByteOfEachTensorNamesIt() throws {
    let path = try imported("family/esm2")
    let whole = try content(path)
    var numbers = RandomNumbers(seed: 1)
    for place in try places(path) {
      var bytes = whole
      let byte = Int.random(in: place.bytes, using: &numbers)
      bytes[byte] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
      #expect(try faults(folder.write("d.h5", bytes)).map(tensor) == [place.name], "byte \(byte)")
    }
  }

  @Test func aChangedByteAnywhereIsFoundOrChangesNothing() throws {
    let path = try imported("family/tokens")
    let whole = try content(path)
    let places = try places(path)
    let header = try WeightCache.header(of: path)
    var numbers = RandomNumbers(seed: 2)
    var refused = 0, named = 0
    for _ in 0..<700 {
      var bytes = whole
      let byte = Int.random(in: 0..<bytes.count, using: &numbers)
      bytes[byte] ^= UInt8.random(in: 1...255, using: &numbers)
      let damaged = try folder.write("d.h5", bytes)
      let expected = places.first { $0.bytes.contains(byte) }?.name
      do {
        let check = try CacheCheck(damaged)
        let found = check.run { _ in }.map(tensor)
        #expect(found == (expected.map { [$0] } ?? []), "byte \(byte)")
        #expect(check.header == header && check.store.names == places.map(\.name).sorted(), "byte \(byte)")
        named += found.count
      } catch {
        #expect(expected == nil, "byte \(byte) of \(expected ?? "")")
        refused += 1
      }
    }
    #expect(refused > 100 && named > 100, "\(refused) refused, \(named) named")
  }

  @Test func everyTruncationIsRefused() throws {
    let whole = try content(try imported("family/esm2"))
    for count in stride(from: 0, to: whole.count, by: 997) {
      let path = try folder.write("d.h5", Array(whole.prefix(count)))
      #expect(throws: WeightError.self, "\(count) bytes") { try CacheCheck(path) }
    }
  }

  @Test func filesFromBeforeTheDigests() throws {
    let path = Fixtures.path("weights/cache.h5")
    let check = try CacheCheck(path)
    #expect(!check.hasDigests && check.run { _ in } == [])
    #expect(check.header.tensorCount == check.store.names.count)
    #expect(try places(path).contains { !$0.bytes.isEmpty })
  }

  @Test func numbersThatAreNotFiniteAreFoundWithoutDigests() throws {
    let path = Fixtures.path("weights/cache.h5")
    var bytes = try content(path)
    let store = try WeightCache.open(path)
    let float = try #require(store.tensorsInOrder.first { $0.elementType == .float32 && $0.count > 1 })
    let place = try #require(try places(path).first { $0.name == float.name })
    for (offset, byte) in [UInt8(0), 0, 0xC0, 0x7F].enumerated() { bytes[place.bytes.lowerBound + 4 + offset] = byte }
    let damaged = try folder.write("d.h5", bytes)
    let found = try faults(damaged)
    guard case .notFinite(float.name, 1, let value, damaged)? = found.first, found.count == 1, value.isNaN else {
      Issue.record("\(found)")
      return
    }
  }

  // MARK: Sources

  @Test func sourcesThatStayAndChange() throws {
    for name in ["model.safetensors", "config.json"] { try folder.write("s/\(name)", fixture(name)) }
    try Importer(try ModelSource(folder("s")), modelName: "m", program: "p").run(to: folder("m.h5"))
    let header = try WeightCache.header(of: folder("m.h5"))
    func states(_ rereading: Bool) -> [CacheHeader.SourceState] {
      header.sourceStates(rereading: rereading).map(\.state)
    }
    #expect(header.sourceStates(rereading: false).map(\.path) == header.sources.map { "\(header.source)/\($0.name)" })
    #expect(states(false) == [.unchanged, .unchanged])
    #expect(states(true) == [.sameContent, .sameContent])

    // Rewritten with the same content: only the time differs.
    try folder.write("s/config.json", fixture("config.json"))
    utimes(folder("s/config.json"), [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)])
    #expect(states(true) == [.sameContent, .sameContent])
    guard case .changed = states(false)[0] else {
      Issue.record("\(states(false))")
      return
    }

    var bytes = try fixture("model.safetensors")
    bytes[bytes.count - 1] ^= 1
    try folder.write("s/model.safetensors", bytes)
    guard case .changed(let found, let expected) = states(true)[1] else {
      Issue.record("\(states(true))")
      return
    }
    #expect(found.hasPrefix("sha256 ") && expected == "sha256 \(header.sources[1].sha256)")
    try folder.write("s/model.safetensors", bytes + [0])
    #expect(states(true)[1] == .changed(found: "\(bytes.count + 1) bytes", expected: "\(bytes.count) bytes"))
    unlink(folder("s/model.safetensors"))
    #expect(states(false)[1] == .absent && states(true)[1] == .absent)
  }
}
