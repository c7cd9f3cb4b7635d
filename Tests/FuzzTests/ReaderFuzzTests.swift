// A short run of every reader, and every input ever found: a trap, a hang or a fault ends the tests.

import Platform
import TestSupport
import Testing
import Weights
import esmfold_fuzz

@Suite struct ReaderFuzzTests {
  /// Inputs for each reader; the whole suite should take a few seconds.
  private static let inputs = 300
  private static let seed: UInt64 = 20_260_101

  @Test("Damaged inputs are read or refused, some of each", arguments: Subject.all.map(\.name))
  func damage(_ name: String) throws {
    let subject = try #require(Subject.all.first { $0.name == name })
    let bench = try Workbench()
    let seeds = try subject.seeds(.standard(), bench)
    var accepted = 0
    for number in 0..<Self.inputs {
      let input = subject.input(number, seed: Self.seed, seeds: seeds)
      do {
        try subject.read(input, bench)
        accepted += 1
      } catch {
        #expect(!"\(error)".isEmpty)
      }
    }
    #expect(accepted > 0 && accepted < Self.inputs, "\(accepted) of \(Self.inputs) accepted")
  }

  @Test("A seed reproduces its inputs", arguments: Subject.all.map(\.name)) func determinism(_ name: String)
    throws
  {
    let subject = try #require(Subject.all.first { $0.name == name })
    func series(_ seed: UInt64) throws -> [[UInt8]] {
      let seeds = try subject.seeds(.standard(), Workbench())
      return (0..<50).map { subject.input($0, seed: seed, seeds: seeds) }
    }
    let first = try series(1)
    #expect(try series(1) == first)
    #expect(try series(2) != first)
  }

  /// The required outcome of each finding; the file is named after the problem.
  @Test(
    "Inputs found earlier are still refused",
    arguments: [
      (
        "safetensors", "zero-beside-huge-extents",
        "w.shape: found [4611686018427387904, 4, 0], expected a size that fits"
      ),
      ("pickle", "zero-beside-huge-extents", "\"w\": found shape [4611686018427387904, 4, 0]"),
      ("pickle", "endless-rotary-frequencies", "found shape [9223372036854775807, 0]"),
      ("pickle", "one-element-as-four-terabytes", "\"w\" of shape [1099511627776]: found tensors of more than"),
      ("pickle", "one-storage-as-many-tensors", "\"w34\" of shape [5000]: found tensors of more than 568480 bytes"),
      ("pickle", "pairs-copied-20000-times", "found more than 1048576 parts of values"),
      ("pickle", "shape-of-20000-for-20000-tensors", "found a tensor of an impossible shape"),
      ("pickle", "long-name-of-30000-classes", "of a class, expected at most 1000 bytes"),
      ("pickle", "name-of-name-of-name", "weights: found None"),
    ]) func finding(_ reader: String, _ file: String, _ message: String) throws
  {
    let subject = try #require(Subject.all.first { $0.name == reader })
    let bytes = try WholeFile.read(Fixtures.path("fuzz/\(reader)/\(file)"))
    do {
      try subject.read(bytes, Workbench())
      Issue.record("accepted")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
  }

  @Test("An embedding without rows has no row of <mask> to zero") func emptyEmbedding() throws {
    try Subject.pickle.read(WholeFile.read(Fixtures.path("fuzz/pickle/mask-row-of-empty-embedding")), Workbench())
  }

  @Test("Two gzip members are one input") func members() throws {
    try Subject.fasta.read(WholeFile.read(Fixtures.path("fuzz/fasta/two-members.gz")), Workbench())
  }

  /// h5py wrote the checksums of the fixture: recomputing them changes nothing.
  @Test("Checksums of HDF5") func checksums() throws {
    let bytes = try WholeFile.read(Fixtures.path("weights/cache.h5"))
    let parts = HDF5Layout(bytes).parts
    var mended = bytes
    HDF5Layout.mend(&mended, parts)
    #expect(mended == bytes && parts.count >= 5, "\(parts.count) structures")
    mended[parts[0].range.lowerBound] ^= 1
    HDF5Layout.mend(&mended, parts)
    #expect(mended != bytes)
  }

  /// The layout message of a dataset, with correct checksums: its range must still lie within the file.
  @Test(
    "False offsets of tensors are refused by the reader",
    arguments: [
      (0, "a.weight: found data at byte 1,"),
      (1 << 40, "layout: found the address 1099511627776, expected a place within"),
      (-1, "found data in pieces or none"), (64 << 50, "layout: found the address 72057594037927936, expected a place"),
      (5503, "a.weight: found data at byte 5503"),
    ]) func places(_ address: Int, _ words: String) throws
  {
    var bytes = try WholeFile.read(Fixtures.path("weights/cache.h5"))
    let parts = HDF5Layout(bytes).parts
    // Version 3, contiguous, the address, the size: 8 bytes for two floats.
    let size: [UInt8] = [8, 0, 0, 0, 0, 0, 0, 0]
    let place = try #require(
      bytes.indices.dropLast(18).first {
        bytes[$0] == 3 && bytes[$0 + 1] == 1 && bytes[$0 + 10..<$0 + 18].elementsEqual(size)
      })
    // 0 stands for a byte that is not aligned.
    let value = address == 0 ? 1 : address
    for byte in 0..<8 { bytes[place + 2 + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
    HDF5Layout.mend(&bytes, parts)
    do {
      try Subject.cache.read(bytes, Workbench())
      Issue.record("accepted")
    } catch {
      #expect("\(error)".contains(words), "\(error)")
    }
  }

  @Test(
    "Pickles are split into opcodes without loss, zips are reassembled byte for byte",
    arguments: ["nested-2.pt", "every-kind.pt"])
  func parts(_ name: String) throws {
    let bytes = try WholeFile.read(Fixtures.path("torch/\(name)"))
    let zip = try #require(StoredZip(bytes))
    let pickle = zip.entries[try #require(zip.pickle)].bytes
    let ops = PickleOps(pickle).ops
    #expect(Array(ops.joined()) == pickle && ops.last == [UInt8(ascii: ".")] && ops.count > 100)
    // Our zip of the same entries is the same checkpoint.
    let bench = try Workbench()
    let (old, new) = (try bench.write(bytes, as: "old.pt"), try bench.write(zip.bytes, as: "new.pt"))
    #expect(try Checkpoint(new).entries.map(\.name) == Checkpoint(old).entries.map(\.name))
  }
}
