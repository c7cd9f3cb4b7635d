// The directory of a zip file: every field that is read, and every number that may be false.

import Glibc
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct ZipTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private static let pickle = Pickle.whole(
    Pickle.dictionary([("w", Pickle.tensor(Pickle.storage("FloatStorage", key: "0", count: 2), [2]))]))
  private static let floats = little(0x3F80_0000, 4) + little(0x4000_0000, 4)

  /// A valid checkpoint of one tensor `w`, [1, 2].
  private static var good: ZipBytes {
    ZipBytes([.init("archive/data.pkl", pickle), .init("archive/data/0", floats)])
  }

  private func open(_ bytes: [UInt8]) throws -> WeightError? {
    let path = try folder.write("x.pt", bytes)
    return failure { () throws(WeightError) in
      let file = try Checkpoint(path)
      let entry = file.entries.first
      guard entry?.name == "w", let range = entry?.range, file.file.bytes[range].elementsEqual(Self.floats) else {
        throw .malformed(path: path, what: "w", found: "another tensor", expected: "that of the test")
      }
    }
  }

  private func expect(
    _ bytes: [UInt8], _ words: String?, location: SourceLocation = #_sourceLocation
  ) throws {
    let sentence = try open(bytes)?.description.split(separator: "\n").first
    if let words {
      #expect(
        sentence?.contains(words) == true, "\(sentence ?? "no error") instead of \(words)", sourceLocation: location)
    } else {
      #expect(sentence == nil, sourceLocation: location)
    }
  }

  @Test("Extra fields, comments and folders of any length do not matter") func whatDoesNotMatter() throws {
    var zip = Self.good
    zip.entries[0].extra = little(0x7075, 2) + little(3, 2) + [1, 2, 3]
    zip.entries[0].comment = Array("comment".utf8)
    zip.entries[0].localExtra = [UInt8](repeating: 9, count: 77)
    zip.entries[1].localExtra = [1]
    zip.entries.insert(.init("archive/", []), at: 0)
    zip.entries.insert(.init("archive/data/", []), at: 2)
    try expect(zip.bytes, nil)
    // Flags that do not matter here: the last bit but one says that sizes follow, but the directory has them anyway.
    zip.entries[1].flags = 8
    try expect(zip.bytes, nil)
  }

  @Test("The end record is found before the longest comment, and not before a longer one", arguments: [0, 1, 65_535])
  func comments(_ count: Int) throws {
    var zip = Self.good
    zip.comment = [UInt8](repeating: 0x50, count: count)
    try expect(zip.bytes, nil)
    try expect(zip.bytes + [UInt8](repeating: 0, count: 65_536 - count), "found no end record")
  }

  @Test("Bytes around the directory: its offset and size are accepted if within the file") func directory()
    throws
  {
    let (start, size) = Self.good.directoryPlace
    func zip(_ change: (inout ZipBytes) -> Void) -> [UInt8] {
      var zip = Self.good
      change(&zip)
      return zip.bytes
    }
    try expect(zip { $0.start = start + 1 }, "zip directory: found bytes \(start + 1) to \(start + size + 1)")
    try expect(zip { $0.start = start - 1 }, "found a damaged entry")
    try expect(
      zip { $0.size = size + 1 }, "zip directory: found bytes \(start) to \(start + size + 1), expected at most")
    try expect(zip { $0.size = size - 1 }, "found a damaged entry")
    try expect(zip { $0.size = 0x7FFF_FFFF }, "expected at most \(start + size)")
    try expect(zip { $0.start = 0xFFFF_FFFE }, "zip directory: found bytes 4294967294 to")
    // An entry has at least 46 bytes: an impossible count is refused before memory is allocated for it.
    try expect(zip { $0.count = 200 }, "found 200 entries in \(size) bytes, expected 46 bytes each")
    try expect(zip { $0.count = size / 46 + 1 }, "entries in \(size) bytes")
    let room = zip {
      $0.entries[0].comment = [UInt8](repeating: 0, count: 46)
      $0.count = 3
    }
    try expect(room, "found a damaged entry")
    try expect(zip { $0.count = 1 }, "no zip entry for storage")
  }

  @Test("False entries, each with one fault") func entries() throws {
    func zip(_ index: Int = 1, _ change: (inout ZipBytes.Entry) -> Void) -> [UInt8] {
      var zip = Self.good
      change(&zip.entries[index])
      return zip.bytes
    }
    let start = Self.good.directoryPlace.start, whole = Self.good.bytes.count
    try expect(zip { $0.flags = 1 }, "zip entry \"archive/data/0\": found encrypted bytes")
    try expect(zip { $0.method = 8 }, "found compressed bytes (method 8)")
    try expect(zip { $0.plain = 9 }, "found compressed bytes (method 0)")
    try expect(zip { ($0.plain, $0.packed) = (1 << 20, 1 << 20) }, "found 1048576 bytes, expected at most")
    // Exactly to the end of the file, and one byte beyond.
    let place = start - 8
    try expect(
      zip { ($0.plain, $0.packed) = (whole - place, whole - place) }, "storage of \"w\": found \(whole - place)")
    try expect(
      zip { ($0.plain, $0.packed) = (whole - place + 1, whole - place + 1) },
      "found \(whole - place + 1) bytes, expected at most \(whole - place), to the end")
    try expect(zip { $0.offset = whole }, "found no local header, expected one at byte \(whole)")
    try expect(zip { $0.offset = whole + 1 }, "found a place at byte \(whole + 1), expected at most \(whole)")
    try expect(zip { $0.offset = 0 }, "found another name in its local header")
    try expect(zip { $0.offset = 1 }, "found no local header, expected one at byte 1")
    try expect(zip { $0.localSignature = 0x0605_4B50 }, "found no local header")
    try expect(zip { $0.localName = Array("archive/data/1".utf8) }, "found another name in its local header")
    try expect(zip { $0.localName = Array("archive/data/".utf8) }, "found another name in its local header")
    try expect(zip { $0.name = [0xC3, 0x28] }, "zip entry: found a name that is not text")
    try expect(zip { $0.name = [] }, "zip entry: found a name that is not text")
    for name in ["../x", "a/../x", "a/..", "..", "/x", "\\x", "a\\..\\x", "a\0b"] {
      try expect(zip { $0.name = Array(name.utf8) }, "which leads out of the archive")
    }
    for name in ["a..b/x", "...", "a/.x"] {
      try expect(
        zip {
          $0.name = Array(name.utf8)
          $0.localName = $0.name
        }, "no zip entry for storage \"0\"")
    }
    var twice = Self.good
    twice.entries.append(twice.entries[1])
    try expect(twice.bytes, "zip entry: found \"archive/data/0\" twice, expected every name once")
    var cut = Self.good.bytes
    cut[start + 46 + 16 + 3] = 0
    try expect(cut, "found a damaged entry")
  }

  // MARK: zip64

  /// The same checkpoint with its numbers in the 64-bit fields.
  private func wide(
    _ field: [UInt8]? = nil, count: Int = 2, size: Int? = nil, start: Int? = nil, locator: Int? = nil,
    signatures: (Int, Int) = (0x0606_4B50, 0x0706_4B50)
  ) -> [UInt8] {
    var zip = Self.good
    let offset = zip.entries[0].name.count + zip.entries[0].bytes.count + 30
    (zip.entries[1].plain, zip.entries[1].packed, zip.entries[1].offset) = (0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF)
    // Another field before it.
    let usual = [little(1, 2), little(24, 2), little(8, 8), little(8, 8), little(offset, 8)]
    zip.entries[1].extra = [little(7, 2), little(1, 2), [0], field ?? Array(usual.joined())].flatMap { $0 }
    let place = zip.directoryPlace
    zip.records =
      little(signatures.0, 4) + little(44, 8) + little(0x2D_002D, 4) + little(0, 8) + little(count, 8)
      + little(count, 8)
      + little(size ?? place.size, 8) + little(start ?? place.start, 8)
    zip.records +=
      little(signatures.1, 4) + little(0, 4) + little(locator ?? place.start + place.size, 8) + little(1, 4)
    (zip.count, zip.size, zip.start) = (0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF)
    return zip.bytes
  }

  @Test("64-bit numbers are read and checked like the others") func zip64() throws {
    try expect(wide(), nil)
    try expect(wide(signatures: (0x0606_4B51, 0x0706_4B50)), "found a damaged zip64 end record")
    try expect(wide(signatures: (0x0606_4B50, 0x0706_4B51)), "found a damaged zip64 locator")
    try expect(wide(locator: .max), "found a damaged zip64 locator")
    try expect(wide(locator: -1), "found a damaged zip64 locator")
    try expect(wide(locator: 0), "found a damaged zip64 end record")
    try expect(wide(start: -1), "zip directory: found bytes 18446744073709551615 to")
    try expect(wide(size: -1), "zip directory: found bytes")
    try expect(wide(size: .max, start: .max), "zip directory: found bytes 9223372036854775807 to")
    try expect(wide(count: 1 << 21), "found 2097152 entries in")
    try expect(wide(count: -1), "found 18446744073709551615 entries in")
    // 2^62 + 1 times 46 overflows 64 bits.
    try expect(wide(count: 1 << 62 + 1), "entries in")
    let damaged = "found a damaged zip64 field of \"archive/data/0\""
    try expect(wide([]), damaged)
    try expect(wide(little(1, 2) + little(16, 2) + little(8, 8) + little(8, 8)), damaged)
    try expect(wide(little(1, 2) + little(25, 2) + little(8, 8) + little(8, 8) + little(0, 8)), damaged)
    try expect(
      wide(little(1, 2) + little(24, 2) + little(8, 8) + little(8, 8) + little(-1, 8)),
      "found a place at byte 18446744073709551615")
    try expect(
      wide(little(1, 2) + little(24, 2) + little(-1, 8) + little(-1, 8) + little(0, 8)),
      "found a place at byte 0, expected at most")
    try expect(
      wide(little(1, 2) + little(24, 2) + little(8, 8) + little(9, 8) + little(0, 8)), "found compressed bytes")
  }

  @Test("Only the numbers that do not fit are in the 64-bit field") func partly() throws {
    var zip = Self.good
    zip.entries[1].offset = 0xFFFF_FFFF
    let offset = zip.entries[0].name.count + zip.entries[0].bytes.count + 30
    zip.entries[1].extra = little(1, 2) + little(8, 2) + little(offset, 8)
    try expect(zip.bytes, nil)
    zip = Self.good
    zip.entries[1].plain = 0xFFFF_FFFF
    zip.entries[1].extra = little(1, 2) + little(8, 2) + little(8, 8)
    try expect(zip.bytes, nil)
    zip = Self.good
    zip.entries[1].packed = 0xFFFF_FFFF
    zip.entries[1].extra = little(1, 2) + little(8, 2) + little(8, 8)
    try expect(zip.bytes, nil)
    // Only one of the numbers of the end record.
    for part in 0..<3 {
      var zip = Self.good
      let place = zip.directoryPlace
      zip.records =
        little(0x0606_4B50, 4) + little(44, 8) + little(0, 4) + little(0, 8) + little(2, 8) + little(2, 8)
        + little(place.size, 8) + little(place.start, 8)
      zip.records += little(0x0706_4B50, 4) + little(0, 4) + little(place.start + place.size, 8) + little(1, 4)
      (zip.count, zip.size, zip.start) = (
        part == 0 ? 0xFFFF : 9, part == 1 ? 0xFFFF_FFFF : 9, part == 2 ? 0xFFFF_FFFF : 9
      )
      try expect(zip.bytes, nil)
    }
  }

  @Test("The byte order is little-endian, if stated") func byteOrder() throws {
    for (text, words) in [
      ("little", nil), ("big", "byteorder: found another order, expected little"), ("", "byteorder: found another"),
      ("little ", "byteorder: found another"),
    ] as [(String, String?)] {
      var zip = Self.good
      zip.entries.append(.init("archive/byteorder", Array(text.utf8)))
      try expect(zip.bytes, words)
    }
  }

  @Test("A checkpoint may be at the root of its archive") func root() throws {
    try expect(ZipBytes([.init("data.pkl", Self.pickle), .init("data/0", Self.floats)]).bytes, nil)
    try expect(ZipBytes([.init("a/b/data.pkl", Self.pickle), .init("a/b/data/0", Self.floats)]).bytes, nil)
    try expect(
      ZipBytes([.init("archive/data.pkl", Self.pickle), .init("data/0", Self.floats)]).bytes, "no zip entry for storage"
    )
    try expect(ZipBytes([.init("archive/xdata.pkl", Self.pickle)]).bytes, "found a zip file without data.pkl")
    try expect(
      ZipBytes([.init("data.pkl", Self.pickle), .init("x/data.pkl", Self.pickle)]).bytes, "several data.pkl")
    try expect(
      ZipBytes([.init("a/data.pkl", Self.pickle), .init("a/constants.pkl", [])]).bytes, "found a TorchScript program")
  }

  // MARK: Checksums

  @Test("Checksums are those of the directory, in the order of the bytes; 0 is none") func checksums() throws {
    var zip = Self.good
    zip.entries[1].checksum = 0x89AB_CDEF
    zip.entries.append(.init("archive/version", [51, 10]))
    zip.entries[2].checksum = 7
    zip.entries.append(.init("archive/empty", []))
    zip.entries[3].checksum = 9
    let file = try Checkpoint(try folder.write("x.pt", zip.bytes))
    #expect(file.checksums.map(\.name) == ["archive/data/0", "archive/version"])
    #expect(file.checksums.map(\.value) == [0x89AB_CDEF, 7])
    #expect(file.checksums.map { Array(file.file.bytes[$0.range]) } == [Self.floats, [51, 10]])
    #expect(try Checkpoint(try folder.write("y.pt", Self.good.bytes)).checksums.isEmpty)
    #expect(try Checkpoint(Fixtures.path("torch/nested-2.pt")).checksums.count > 3)
    #expect(try Checkpoint(Fixtures.path("weights/model.safetensors")).checksums.isEmpty)
  }

  @Test("Entries with checksums do not share bytes") func sharedBytes() throws {
    let inner = Array("archive/y".utf8)
    let local = code(
      little(0x0403_4B50, 4), little(0, 14), little(4, 4), little(4, 4), little(inner.count, 2), little(0, 2), inner)
    var zip = Self.good
    zip.entries.insert(.init("archive/x", local + [1, 2, 3, 4]), at: 0)
    var second = ZipBytes.Entry("archive/y", [1, 2, 3, 4])
    second.offset = 30 + "archive/x".utf8.count
    zip.entries.append(second)
    try expect(zip.bytes, nil)
    zip.entries[0].checksum = 1
    try expect(zip.bytes, nil)
    zip.entries[zip.entries.count - 1].checksum = 1
    try expect(zip.bytes, "zip entry \"archive/y\": found bytes of \"archive/x\", expected bytes of its own")
  }
}
