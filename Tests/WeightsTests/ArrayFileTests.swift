// HDF5 files of results: everything written is there, in nested groups, as the format's specification requires.

import Glibc
import Platform
import Tensors
import Testing
import Weights
import WeightsTestSupport

@Suite struct ArrayFileTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Numbers that differ in every byte, so that any permutation shows.
  private static func bytes(_ count: Int, from first: Int) -> [UInt8] { (0..<count).map { UInt8(($0 + first) & 255) } }

  private static let arrays: [(name: String, type: ElementType, format: HDF5Object.Format, shape: [Int])] = [
    ("representations/0", .float32, .float32, [2, 3]), ("representations/33", .float16, .float16, [3, 2, 1]),
    ("logits/all/b", .bfloat16, .bfloat16, [2, 2]), ("tokens", .int64, .int64, [4]), ("mask", .bool, .uint8, [5]),
    ("contacts", .float32, .float32, [0, 7]), ("ptm", .float32, .float32, []),
  ]

  private func write(_ path: String) throws {
    let file = try ArrayFile(creating: path, attributes: [("settings", "{}"), ("none", "")])
    for (number, name) in ["a", "b"].enumerated() {
      try file.append(
        group: name, attributes: [("original_id", "\(name) é"), ("sequence", "")],
        arrays: Self.arrays.enumerated().map { index, array in
          let count = array.shape.reduce(array.type.byteCount, *)
          return .init(array.name, array.type, array.shape, bytes: Self.bytes(count, from: number * 100 + index * 7))
        })
    }
    try file.close()
  }

  @Test("Arrays, groups and texts are in the file's bytes") func arrays() throws {
    let path = folder("results.h5")
    try write(path)
    let bytes = try content(path), root = try HDF5Object(root: bytes)
    #expect(root.members.keys.sorted() == ["a", "b"])
    #expect(root.texts.mapValues(\.text) == ["settings": "{}", "none": ""])
    // h5py returns variable-length strings as str, others as bytes.
    #expect(root.texts.values.allSatisfy { $0.isVariable })
    for (number, name) in ["a", "b"].enumerated() {
      let group = try #require(root[name])
      #expect(group.texts.mapValues(\.text) == ["original_id": "\(name) é", "sequence": ""])
      #expect(group.members.keys.sorted() == ["contacts", "logits", "mask", "ptm", "representations", "tokens"])
      for (index, array) in Self.arrays.enumerated() {
        let dataset = try #require(group[array.name], "\(array.name)")
        #expect(dataset.format == array.format && dataset.shape == array.shape, "\(array.name)")
        let place = try #require(dataset.place)
        let count = array.shape.reduce(array.type.byteCount, *)
        #expect(Array(bytes[place]) == Self.bytes(count, from: number * 100 + index * 7), "\(array.name)")
      }
    }
  }

  @Test("Arrays are contiguous: a list of gaps would make files of many records take forever") func packed() throws {
    let path = folder("results.h5")
    let output = try ArrayFile(creating: path, attributes: [])
    for name in ["a", "b", "c"] {
      try output.append(group: name, attributes: [], arrays: [.init("v", .float32, [1], bytes: [0, 0, 128, 63])])
    }
    try output.close()
    let root = try HDF5Object(root: content(path))
    let starts = try ["a/v", "b/v", "c/v"].map { try #require(root[$0]?.place).lowerBound }
    #expect(starts[1] == starts[0] + 4 && starts[2] == starts[1] + 4)
  }

  @Test("The same results give the same bytes, and no object of the file has a timestamp") func deterministic()
    throws
  {
    for name in ["one.h5", "two.h5"] { try write(folder(name)) }
    let bytes = try content(folder("one.h5"))
    #expect(try firstDifference(bytes, content(folder("two.h5"))) == nil)
    let objects = try HDF5Object(root: bytes).all
    #expect(objects.count == 1 + 2 * (1 + Self.arrays.count + 3))
    #expect(objects.allSatisfy { !$0.hasTimes })
  }

  @Test("An existing file is replaced") func replacing() throws {
    let path = try folder.write("results.h5", [UInt8](repeating: 7, count: 1 << 18))
    try write(path)
    #expect(try content(path).count < 1 << 18)
    #expect(try HDF5Object(root: content(path)).members.count == 2)
  }

  @Test("Names are unique; what cannot be written is an error") func mistakes() throws {
    let file = try ArrayFile(creating: folder("x.h5"), attributes: [])
    try file.append(group: "a", attributes: [], arrays: [])
    guard
      case .hdf5("H5Gcreate2", folder("x.h5"), _)? = failure({ () throws(WeightError) in
        try file.append(group: "a", attributes: [], arrays: [])
      })
    else {
      Issue.record("a group twice")
      return
    }
    let array = ArrayFile.Array("v", .float32, [1], bytes: [0, 0, 0, 0])
    guard
      case .hdf5("H5Dcreate2", folder("x.h5"), _)? = failure({ () throws(WeightError) in
        try file.append(group: "b", attributes: [], arrays: [array, array])
      })
    else {
      Issue.record("an array twice")
      return
    }
    guard
      case .hdf5("H5Acreate2", folder("x.h5"), _)? = failure({ () throws(WeightError) in
        try file.append(group: "c", attributes: [("t", ""), ("t", "")], arrays: [])
      })
    else {
      Issue.record("an attribute twice")
      return
    }
    let nowhere = folder("no/x.h5")
    guard
      case .hdf5("H5Fcreate", nowhere, let reason)? = failure({ () throws(WeightError) in
        _ = try ArrayFile(creating: nowhere, attributes: [])
      })
    else {
      Issue.record("no folder")
      return
    }
    #expect(reason.contains("No such file"))
  }

  /// Disk errors occur when the library writes: for short arrays when it closes the file, for long ones at once.
  @Test("A full disk is an error", arguments: [(100, "H5Fclose"), (1 << 20, "H5Dwrite")])
  func fullDisk(_ count: Int, _ call: String) async throws {
    let path = folder("x.h5")
    await #expect(processExitsWith: .exitCode(7)) {
      [path = path as String, count = count as Int, call = call as String] in
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 4096, rlim_max: 4096)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      do {
        let file = try ArrayFile(creating: path, attributes: [])
        try file.append(
          group: "a", attributes: [],
          arrays: [.init("v", .bool, [count], bytes: [UInt8](repeating: 1, count: count))])
        try file.close()
      } catch WeightError.hdf5(let failed, _, _) {
        // Clean-up then fails, which must not end the process, either.
        exit(failed == call ? 7 : 8)
      }
    }
  }

  @Test("A text attribute is read back; anything else, or a wrong file, is refused") func attribute() throws {
    let path = folder("results.h5")
    try write(path)
    #expect(try ArrayFile.attribute("settings", ofFile: path) == "{}")
    #expect(try ArrayFile.attribute("none", ofFile: path) == "")
    #expect(try ArrayFile.attribute("other", ofFile: path) == nil)
    let fixed = folder("fixed.h5")
    let file = try HDF5File.create(fixed, metadataBytes: 0)
    try file.setAttribute("settings", "{}")
    try file.close()
    #expect(
      failure { () throws(WeightError) in try ArrayFile.attribute("settings", ofFile: fixed) }
        == .malformed(
          path: fixed, what: "settings", found: "another type", expected: "text of variable length"))
    let text = try folder.write("text.h5", String(repeating: "PDB ", count: 100))
    guard
      case .hdf5("H5Fopen", text, _)? = failure({ () throws(WeightError) in
        try ArrayFile.attribute("settings", ofFile: text)
      })
    else {
      Issue.record("a file of text")
      return
    }
  }
}

@Suite struct DatasetFileTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test("Floats and integers of every shape, at multiples of 64 bytes, with texts") func datasets() throws {
    let path = try folder.write("x.h5", [UInt8](repeating: 7, count: 1 << 18))
    let floats: [Float] = (0..<24).map { Float($0) / 7 - 1 }
    let integers = [0, -1, 1 << 62, .min, 5, 6]
    try DatasetFile.write(
      [
        .init("floats", [2, 3, 4], .floats(floats)), .init("integers", [3, 2], .integers(integers)),
        .init("scalar", [], .floats([0.5])), .init("nothing", [0, 3], .integers([])),
        .init("last", [24], .floats(floats.reversed())),
      ], attributes: [("name", "å"), ("empty", "")], to: path)
    let bytes = try content(path), root = try HDF5Object(root: bytes)
    #expect(bytes.count < 1 << 18)
    #expect(root.texts.mapValues(\.text) == ["name": "å", "empty": ""])
    #expect(root.members.keys.sorted() == ["floats", "integers", "last", "nothing", "scalar"])
    let expected: [(String, [Int], HDF5Object.Format, [UInt8])] = [
      ("floats", [2, 3, 4], .float32, floats.flatMap { little(Int($0.bitPattern), 4) }),
      ("integers", [3, 2], .int64, integers.flatMap { little($0, 8) }),
      ("scalar", [], .float32, little(Int(Float(0.5).bitPattern), 4)), ("nothing", [0, 3], .int64, []),
      ("last", [24], .float32, floats.reversed().flatMap { little(Int($0.bitPattern), 4) }),
    ]
    for (name, shape, format, data) in expected {
      let dataset = try #require(root[name], "\(name)")
      let place = try #require(dataset.place)
      #expect(dataset.shape == shape && dataset.format == format, "\(name)")
      #expect(Array(bytes[place]) == data && (place.lowerBound % 64 == 0), "\(name)")
    }
    #expect(root.all.allSatisfy { !$0.hasTimes })
  }

  @Test("A full disk is an error, whether for layout or data", arguments: [1024, 20_000]) func fullDisk(
    _ bytes: Int
  ) async throws {
    let path = folder("x.h5")
    await #expect(processExitsWith: .exitCode(7)) { [path = path as String, bytes = bytes as Int] in
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      do {
        try DatasetFile.write(
          [.init("v", [10_000], .floats([Float](repeating: 1, count: 10_000)))], attributes: [], to: path)
      } catch WeightError.hdf5 { exit(7) } catch WeightError.system(let error)
        where error.action == "write" && error.code == EFBIG
      {
        exit(7)
      }
    }
  }
}
