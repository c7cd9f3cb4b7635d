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
    let part = try UnfinishedFile(for: path)
    var file = ArrayFile(part, attributes: [("settings", "{}"), ("none", "")])
    for (number, name) in ["a", "b"].enumerated() {
      try file.append(
        group: name,
        attributes: .init(
          texts: [("original_id", "\(name) é"), ("sequence", "")], integers: [("index", number), ("far", .min)]),
        arrays: Self.arrays.enumerated().map { index, array in
          let count = array.shape.reduce(array.type.byteCount, *)
          return .init(array.name, array.type, array.shape, bytes: Self.bytes(count, from: number * 100 + index * 7))
        })
    }
    try file.finish()
    try part.commit()
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

  @Test("A text attribute is read back; anything else, or a wrong file, is refused") func attribute() throws {
    let path = folder("results.h5")
    try write(path)
    #expect(try ArrayFile.attribute("settings", ofFile: path) == "{}")
    #expect(try ArrayFile.attribute("none", ofFile: path) == "")
    #expect(try ArrayFile.attribute("other", ofFile: path) == nil)
    let text = try folder.write("text.h5", String(repeating: "PDB ", count: 100))
    #expect(
      failure { () throws(WeightError) in try ArrayFile.attribute("settings", ofFile: text) }
        == .notACache(path: text, found: "no HDF5 file"))
  }

  /// The texts of many datasets lie in one collection, which is looked at for each of them.
  @Test("Datasets that share a collection of texts are no overlap") func sharedTexts() throws {
    let path = folder("x.h5"), part = try UnfinishedFile(for: path), count = 500
    var writer = HDF5Writer(part), members: [HDF5Writer.Member] = []
    for number in 0..<count {
      let object = try [UInt8(1)].withUnsafeBytes {
        try writer.add(.bool, [1], $0, attributes: [HDF5Attribute("t", .variableText("\(number)"))])
      }
      members.append(("d\(number)", object))
    }
    let root = try writer.addGroup(members)
    try writer.finish(root: root)
    try part.commit()
    let mapped = try MappedFile(path), file = try HDF5File(image: mapped.bytes, owner: mapped, path: path)
    #expect(
      try file.texts("t", in: "/") == Dictionary(uniqueKeysWithValues: (0..<count).map { ("d\($0)", "\($0)") }))
  }

  @Test("Floats and integers of every shape at the root, at multiples of 64 bytes, with texts") func rootArrays() throws
  {
    let path = try folder.write("x.h5", [UInt8](repeating: 7, count: 1 << 18))
    let floats: [Float] = (0..<24).map { Float($0) / 7 - 1 }
    let integers = [0, -1, 1 << 62, .min, 5, 6]
    let part = try UnfinishedFile(for: path)
    var file = ArrayFile(part, attributes: [("name", "å"), ("empty", "")])
    try file.append("floats", .float32, [2, 3, 4], floats)
    try file.append("integers", .int64, [3, 2], integers)
    try file.append("scalar", .float32, [], [Float(0.5)])
    try file.append("nothing", .int64, [0, 3], [Int]())
    try file.append("last", .float32, [24], floats.reversed() as [Float])
    try file.finish()
    try part.commit()
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
}
