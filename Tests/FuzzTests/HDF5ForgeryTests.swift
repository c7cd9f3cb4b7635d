// HDF5 metadata with valid checksums that lie: each lie is refused in its own words, at once.

import Platform
import Tensors
import TestSupport
import Testing
import Weights
import esmfold_fuzz

@Suite struct HDF5ForgeryTests {
  /// A file whose root has so many datasets of one float.
  private static func file(members: Int) throws -> [UInt8] {
    let bench = try Workbench()
    let part = try UnfinishedFile(for: bench.path("x.h5"))
    var writer = HDF5Writer(part), group: [HDF5Writer.Member] = []
    for number in 0..<members {
      let object = try [Float(number)].withUnsafeBytes { try writer.add(.float32, [1], $0) }
      group.append(("t\(number)", object))
    }
    let root = try writer.addGroup(group)
    try writer.finish(root: root)
    try part.commit()
    return try WholeFile.read(bench.path("x.h5"))
  }

  /// The places where bytes occur.
  private static func places(_ signature: String, in bytes: [UInt8]) -> [Int] {
    let wanted = Array(signature.utf8)
    return bytes.indices.dropLast(wanted.count - 1).filter {
      bytes[$0] == wanted[0] && bytes[$0..<$0 + wanted.count].elementsEqual(wanted)
    }
  }

  private static func set(_ bytes: inout [UInt8], _ place: Int, _ value: Int, _ width: Int) {
    for byte in 0..<width { bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
  }

  /// What the reader says about a file.
  private static func refusal(_ bytes: [UInt8]) throws -> String {
    let bench = try Workbench()
    let mapped = try MappedFile(try bench.write(bytes, as: "m.h5"))
    do {
      _ = try HDF5File(image: mapped.bytes, owner: mapped, path: "m.h5").datasets(in: "/")
      return "accepted"
    } catch {
      return error.description
    }
  }

  /// Changes a file of so many members and computes its checksums again.
  private static func forged(_ members: Int, _ change: (inout [UInt8]) throws -> Void) throws -> String {
    var bytes = try file(members: members)
    let parts = HDF5Layout(bytes).parts
    try change(&bytes)
    HDF5Layout.mend(&bytes, parts)
    return try refusal(bytes)
  }

  @Test("True files are accepted, and mending changes nothing", arguments: [1, 200]) func unchanged(_ members: Int)
    throws
  {
    let bytes = try Self.file(members: members)
    var mended = bytes
    HDF5Layout.mend(&mended, HDF5Layout(bytes).parts)
    #expect(mended == bytes)
    #expect(try Self.refusal(bytes) == "accepted")
  }

  @Test("A header that goes on in itself") func cycle() throws {
    // A superblock; a header with nothing but a continuation; a block that continues in itself.
    var bytes = Array(try Self.file(members: 1)[..<48])
    let header = 48, block = 96, blockSize = 32
    func continuation() -> [UInt8] {
      var message: [UInt8] = [0x10, 16, 0, 0] + [UInt8](repeating: 0, count: 16)
      Self.set(&message, 4, block, 8)
      Self.set(&message, 12, blockSize, 8)
      return message
    }
    func sealed(_ bytes: [UInt8]) -> [UInt8] {
      var bytes = bytes
      let sum = hdf5Checksum(bytes)
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(8 * $0)) }
      return bytes
    }
    bytes += sealed(Array("OHDR".utf8) + [2, 0, 20] + continuation())
    bytes += [UInt8](repeating: 0, count: block - bytes.count)
    bytes += sealed(Array("OCHK".utf8) + continuation() + [0, 0, 0, 0])
    Self.set(&bytes, 28, bytes.count, 8)
    Self.set(&bytes, 36, header, 8)
    bytes = sealed(Array(bytes[..<44])) + bytes[48...]
    #expect(try Self.refusal(bytes).contains("found structures that overlap"))
  }

  @Test("Addresses outside the file", arguments: [1 << 20, 1 << 40, Int.max]) func outside(_ address: Int) throws {
    let words = try Self.forged(1) { bytes in
      // The last header is that of the root; its only link ends it.
      Self.set(&bytes, bytes.count - 12, address, 8)
    }
    #expect(words.contains("found the address \(address), expected a place within"), "\(words)")
  }

  @Test("A header whose messages end outside the file") func longHeader() throws {
    let words = try Self.forged(1) { bytes in
      let root = try #require(Self.places("OHDR", in: bytes).last)
      Self.set(&bytes, root + 6, bytes.count - root, 4)
    }
    #expect(words.contains("expected a place within the"), "\(words)")
  }

  @Test("A message that ends behind its header") func longMessage() throws {
    let words = try Self.forged(1) { bytes in
      let root = try #require(Self.places("OHDR", in: bytes).last)
      // The first message's length, short enough to end within the file's bytes of the header and what follows.
      Self.set(&bytes, root + 11, bytes.count - root - 14 - 4 + 2, 2)
    }
    #expect(words.contains("found a message beyond the end"), "\(words)")
  }

  @Test("Data of another size than the shape says", arguments: [0, 3, 8, 1 << 40]) func dataSize(_ size: Int) throws {
    let words = try Self.forged(1) { bytes in
      let dataset = try #require(Self.places("OHDR", in: bytes).first)
      // The layout is the last message: it ends with the size.
      let end = dataset + 10 + Int(bytes[dataset + 6]) + Int(bytes[dataset + 7]) << 8
      Self.set(&bytes, end - 8, size, 8)
    }
    #expect(words.contains("t0: found data in pieces or none"), "\(words)")
  }

  @Test(
    "An object that ends outside its heap block", arguments: [(65_530, 100), (65_600, 4), (1 << 30, 4), (0, 65_535)])
  func heapObject(_ offset: Int, _ count: Int) throws {
    let words = try Self.forged(200) { bytes in
      // The index by name: each record is a hash, a byte, offset and length.
      let leaf = try #require(Self.places("BTLF", in: bytes).first)
      Self.set(&bytes, leaf + 6 + 5, offset, 4)
      Self.set(&bytes, leaf + 6 + 9, count, 2)
    }
    let expected = offset == 0 ? "link: found" : "found an object outside, expected an object within the heap"
    #expect(words.contains(expected), "\(words)")
  }

  @Test("An index of another type") func indexType() throws {
    let words = try Self.forged(200) { bytes in
      // The order of members in place of their names.
      let trees = Self.places("BTHD", in: bytes), root = try #require(Self.places("OHDR", in: bytes).last)
      // Flags, the highest number, the heap, then the index by name.
      let place = root + 10 + 4 + 2 + 8 + 8
      Self.set(&bytes, place, try #require(trees.last), 8)
    }
    #expect(words.contains("index: found another form"), "\(words)")
  }

  @Test("More records than a node holds") func longLeaf() throws {
    let words = try Self.forged(200) { bytes in
      let tree = try #require(Self.places("BTHD", in: bytes).first)
      Self.set(&bytes, tree + 24, 60_000, 2)
    }
    #expect(words.contains("records at") && words.contains("expected at most"), "\(words)")
  }
}
