// Limits of a pickle: exactly at the limit, and one more.

import Glibc
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct PickleLimitTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private static let tensor = Pickle.tensor(Pickle.storage("FloatStorage", key: "0", count: 2), [2])

  private func read(_ pickle: [UInt8]) throws -> [String: [Float]] { try tensors(of: pickle, in: folder) }

  private func sentence(_ pickle: [UInt8]) throws -> String { try refusal(of: pickle, in: folder) }

  @Test("Depth, marks and names at the limit, and one more") func limits() throws {
    /// A value beside the tensors, which is ignored.
    func beside(_ value: [UInt8]) -> [UInt8] {
      Pickle.whole(Pickle.dictionary([("model", Pickle.dictionary([("w", Self.tensor)])), ("x", value)]))
    }
    func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
    // The dictionary at the root is one level more than the lists.
    #expect(try read(beside(code(repeated("]", 199), repeated("a", 198)))) == ["w": [1, 2]])
    #expect(
      try sentence(beside(code(repeated("]", 200), repeated("a", 199)))).contains("found values nested more than 200"))
    let value = Pickle.dictionary([("w", Self.tensor)])
    // The dictionary has three marks open inside each other, at most.
    #expect(try read(code(repeated("(", 1000), repeated("1", 1000), value, ".")) == ["w": [1, 2]])
    #expect(
      try sentence(code(repeated("(", 1001), repeated("1", 1001), value, ".")).contains("more than 1000 open marks"))
    #expect(try read(beside(Pickle.global("a", repeated("b", 999)))) == ["w": [1, 2]])
    #expect(
      try sentence(beside(Pickle.global("a", repeated("b", 1000)))).contains("of a class, expected at most 1000 bytes"))
  }

  @Test("Steps at the limit, and two more") func steps() throws {
    let value = code(Pickle.dictionary([("w", Self.tensor)]), "."), own = 26
    func pickle(_ steps: Int) -> [UInt8] { code(String(repeating: "N0", count: (steps - own) / 2), value) }
    #expect(try read(pickle(1 << 20)) == ["w": [1, 2]])
    #expect(try sentence(pickle(1 << 20 + 2)).contains("found more than 1048576 steps"))
  }

  @Test("Parts at the limit, and one more: one opcode can copy many") func parts() throws {
    // A list of 1024 times the same pair, made into a dictionary 511 times; each copies 2048 values.
    let pair = code("NN", 0x86, "q", 0, "0")
    let list = code("](", (0..<1024).flatMap { _ in code("h", 0) }, "eq", 1, "0")
    let call = code(Pickle.global("collections", "OrderedDict"), "h", 1, 0x85, "R0")
    // The tensor has 13 parts, the state dict 2.
    let before = 2 + 1024 + 511 * (1 + 2048) + 15
    func pickle(_ parts: Int) -> [UInt8] {
      let rest = code("(", String(repeating: "N", count: parts - before), "t0")
      let calls = (0..<511).flatMap { _ in call }
      return Pickle.whole(code(pair, list, calls, rest, Pickle.dictionary([("w", Self.tensor)])))
    }
    #expect(try read(pickle(1 << 20)) == ["w": [1, 2]])
    #expect(try sentence(pickle(1 << 20 + 1)).contains("found more than 1048576 parts of values"))
  }

  @Test("A value may expand to 2^32 values, not to twice as many") func unfolding() throws {
    // Each list holds the previous one twice.
    func pickle(_ levels: Int) -> [UInt8] {
      let lists = (0..<levels).flatMap { code("q", $0, "0](h", $0, "h", $0, "e") }
      return Pickle.whole(code("]", lists, "0", Pickle.dictionary([("w", Self.tensor)])))
    }
    #expect(try read(pickle(30)) == ["w": [1, 2]])
    #expect(try sentence(pickle(31)).contains("found a value that unfolds to more than 4294967296 values"))
  }

  @Test("A pickle of 64 MiB is read, a longer one is not") func bytes() throws {
    // Mostly one text, in a file that is mostly a hole.
    for (count, words) in [(64 << 20, "weights: found a text"), (64 << 20 + 1, "pickle: found 67108865 bytes")] {
      let head = code(0x80, 2, "X", little(count - 8, 4))
      var zip = ZipBytes([.init("archive/data.pkl", head)])
      (zip.entries[0].plain, zip.entries[0].packed) = (count, count)
      let local = 30 + zip.entries[0].name.count
      let place = zip.directoryPlace
      zip.start = local + count
      let path = try folder.write("x.pt", Array(zip.bytes.prefix(local + head.count)))
      let file = try #require(fopen(path, "r+"))
      defer { fclose(file) }
      fseek(file, local + count - 1, SEEK_SET)
      let tail = code(".") + zip.bytes.dropFirst(place.start)
      try #require(fwrite(tail, 1, tail.count, file) == tail.count && fflush(file) == 0)
      let found = failure { () throws(WeightError) in try Checkpoint(path) }?.description ?? "no error"
      #expect(found.contains(words), "\(found)")
    }
  }
}
