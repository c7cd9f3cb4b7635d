// The program's HDF5 writer and reader against the HDF5 library: each reads what the other wrote.

import CHDF5
import Glibc
import Platform
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

/// One after the other: the library is not safe for threads.
@Suite(.serialized) struct HDF5LibraryTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes a file with the program's own writer.
  private func write(
    _ path: String, _ body: (inout HDF5Writer) throws -> HDF5Writer.Object
  ) throws {
    let part = try UnfinishedFile(for: path)
    var writer = HDF5Writer(part)
    let root = try body(&writer)
    try writer.finish(root: root)
    try part.commit()
  }

  private func add(_ values: [Float], to writer: inout HDF5Writer) throws -> HDF5Writer.Object {
    try values.withUnsafeBytes { try writer.add(.float32, [values.count], $0) }
  }

  private func read(_ path: String) throws -> (HDF5File, [UInt8]) {
    let mapped = try MappedFile(path)
    return (try HDF5File(image: mapped.bytes, owner: mapped, path: path), Array(mapped.bytes))
  }

  // MARK: What the program writes

  @Test("Every element type and shape is what the library knows under its name") func types() throws {
    let path = folder("x.h5"), shapes = [[], [0], [3], [2, 3, 1], [1, 0, 4]]
    let names: [ElementType: String] = [
      .float32: "float32", .float16: "float16", .bfloat16: "bfloat16", .int64: "int64", .bool: "uint8",
    ]
    func bytes(_ type: ElementType, _ shape: [Int]) -> [UInt8] {
      (0..<shape.reduce(type.byteCount, *)).map { UInt8(truncatingIfNeeded: $0 * 37 + shape.count) }
    }
    try write(path) { writer in
      var members: [HDF5Writer.Member] = []
      for type in ElementType.allCases {
        for (number, shape) in shapes.enumerated() {
          members.append(
            ("\(type) \(number)", try bytes(type, shape).withUnsafeBytes { try writer.add(type, shape, $0) }))
        }
      }
      return try writer.addGroup(members)
    }
    let file = try LibraryFile(path, .read)
    for type in ElementType.allCases {
      for (number, shape) in shapes.enumerated() {
        let found = try file.dataset("\(type) \(number)")
        #expect(
          found.shape == shape && found.type == names[type] && found.bytes == bytes(type, shape), "\(type) \(shape)")
      }
    }
    #expect(try file.members(byCreation: true).count == 25)
  }

  /// Around the limits of the header (128), of a heap block (about 1500 short names), of a leaf by order and by name
  /// (4368, 5956), and of a second one.
  @Test(
    "Groups of any number of members",
    arguments: [0, 1, 128, 129, 1400, 1800, 4368, 4369, 4370, 5956, 5957, 5958, 12_000, 40_000])
  func members(_ count: Int) throws {
    let path = folder("x.h5"), names = (0..<count).map { "m\(($0 * 7919) % max(1, count))" }
    try write(path) { writer in
      let shared = try add([1, 2], to: &writer)
      return try writer.addGroup(names.map { ($0, shared) })
    }
    let file = try LibraryFile(path, .read)
    #expect(try file.members(byCreation: true) == names)
    let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    #expect(try Set(file.members(byCreation: false)) == Set(names))
    // Each is found by its name: a wrong order of the index would lose some.
    for name in names.prefix(300) + names.suffix(300) + sorted.prefix(50) {
      #expect(try file.dataset(name).bytes.count == 8, "\(name)")
    }
  }

  @Test("Every name of a large group is found") func everyName() throws {
    let path = folder("x.h5"), count = 13_000
    try write(path) { writer in
      var members: [HDF5Writer.Member] = []
      for number in 0..<count { members.append(("r\(number)", try add([Float(number)], to: &writer))) }
      return try writer.addGroup(members)
    }
    let file = try LibraryFile(path, .read), (own, bytes) = try read(path)
    for number in 0..<count {
      let found = try file.dataset("r\(number)")
      try #require(found.bytes == little(Int(Float(number).bitPattern), 4), "\(number)")
    }
    let datasets = try own.datasets(in: "/")
    #expect(datasets.map(\.name) == (0..<count).map { "r\($0)" })
    #expect(
      datasets.allSatisfy {
        bytes[$0.offset..<$0.offset + 4].elementsEqual(little(Int((Float($0.name.dropFirst()) ?? -1).bitPattern), 4))
      })
  }

  /// Found by a search over a million names: pairs with the same lookup3 hash.
  @Test("Names with the same hash, long names and names in UTF-8") func names() throws {
    let path = folder("x.h5")
    let names =
      ["r30020", "r108462", "r133334", "r91836", "r160913", "r87640", String(repeating: "é", count: 2000), "µ", "名"]
      + (0..<150).map { "n\($0)" }
    try write(path) { writer in
      var members: [HDF5Writer.Member] = []
      for (number, name) in names.enumerated() { members.append((name, try add([Float(number)], to: &writer))) }
      return try writer.addGroup(members)
    }
    let file = try LibraryFile(path, .read)
    for (number, name) in names.enumerated() {
      #expect(try file.dataset(name).bytes == little(Int(Float(number).bitPattern), 4), "\(name)")
    }
  }

  @Test("Attributes of every length") func attributes() throws {
    let path = folder("x.h5")
    // A collection of texts holds 4096 bytes; texts of fixed length end at 32 KiB.
    let lengths = [0, 1, 7, 8, 9, 1000, 2912, 4050, 4063, 4064, 4065, 4096, 32_768, 32_769, 70_000, 1_500_000]
    func text(_ length: Int) -> String {
      String(repeating: "x", count: max(0, length - 2)) + (length >= 2 ? "é" : length == 1 ? "y" : "")
    }
    try write(path) { writer in
      let group = try writer.addGroup([], attributes: [HDF5Attribute("of a group", .variableText("g"))])
      return try writer.addGroup(
        [("g", group)],
        attributes: lengths.flatMap {
          [HDF5Attribute("v\($0)", .variableText(text($0))), HDF5Attribute("f\($0)", .text(text($0)))]
        } + [HDF5Attribute("least", .integer(.min)), HDF5Attribute("most", .integer(.max))])
    }
    let file = try LibraryFile(path, .read), (own, _) = try read(path)
    for length in lengths {
      for kind in ["v", "f"] {
        let found = try file.text("\(kind)\(length)")
        #expect(found.text == text(length), "\(kind)\(length)")
        #expect(found.isVariable == (kind == "v" || length > 32_768), "\(kind)\(length)")
        #expect(try own.text("\(kind)\(length)") == text(length), "\(kind)\(length)")
      }
    }
    #expect(try file.integer("least") == .min && file.integer("most") == .max)
    #expect(try own.integer("least") == .min && own.integer("most") == .max)
    #expect(try file.text("of a group", of: "g").text == "g" && own.text("of a group", of: "g") == "g")
  }

  @Test("The library can add to our files and remove from them", arguments: [3, 129, 7000]) func changing(
    _ count: Int
  ) throws {
    let path = folder("x.h5")
    try write(path) { writer in
      var members: [HDF5Writer.Member] = []
      for number in 0..<count { members.append(("m\(number)", try add([1, 2], to: &writer))) }
      return try writer.addGroup(members, attributes: [HDF5Attribute("a", .text("b"))])
    }
    let added = (0..<200).map { "new \($0)" }
    do {
      let file = try LibraryFile(path, .change)
      for name in added { try file.addDataset(name, [3]) }
      try file.remove("m1")
      try file.addText("c", "d")
    }
    let file = try LibraryFile(path, .read)
    let expected = (0..<count).filter { $0 != 1 }.map { "m\($0)" } + added
    #expect(try Set(file.members(byCreation: true)) == Set(expected))
    #expect(try Set(read(path).0.datasets(in: "/", aligned: false).map(\.name)) == Set(expected))
    #expect(try file.text("a").text == "b" && read(path).0.text("c") == "d")
    #expect(try file.dataset("new 199").bytes == little(Int(Float(3).bitPattern), 4))
  }

  // MARK: What the library writes

  @Test("Files of the library are read, with few members or many", arguments: [0, 3, 9, 600, 20_000]) func library(
    _ count: Int
  ) throws {
    let path = folder("x.h5")
    do {
      let file = try LibraryFile(path, .create)
      try file.addGroup("tensors")
      for number in 0..<count {
        try file.addDataset("tensors/t\(number)", [Float(number)])
        if number % 100 == 0 { try file.addText("sha256", "\(number)", to: "tensors/t\(number)") }
      }
    }
    let (own, bytes) = try read(path)
    let datasets = try own.datasets(in: "tensors", aligned: false)
    #expect(Set(datasets.map(\.name)) == Set((0..<count).map { "t\($0)" }) && datasets.count == count)
    for dataset in datasets {
      let value = try #require(Float(dataset.name.dropFirst()))
      try #require(bytes[dataset.offset..<dataset.offset + 4].elementsEqual(little(Int(value.bitPattern), 4)))
    }
    #expect(
      try own.texts("sha256", in: "tensors")
        == Dictionary(uniqueKeysWithValues: stride(from: 0, to: count, by: 100).map { ("t\($0)", "\($0)") }))
  }

  /// More than eight attributes go into a heap, and texts of more than about 4 KiB each to a place of its own.
  @Test("Many and long attributes of the library are read", arguments: [8, 9, 300]) func libraryAttributes(
    _ count: Int
  ) throws {
    let path = folder("x.h5")
    func text(_ number: Int) -> String { String(repeating: "\(number) é ", count: number % 7 == 0 ? 1000 : 3) }
    do {
      let file = try LibraryFile(path, .create)
      for number in 0..<count { try file.addText("a\(number)", text(number)) }
    }
    let (own, _) = try read(path)
    for number in 0..<count { #expect(try own.text("a\(number)") == text(number), "\(number)") }
    #expect(try own.text("other") == nil)
  }

  // MARK: Faults

  @Test("Names and attributes are unique; names have a length") func mistakes() throws {
    func failure(_ body: (inout HDF5Writer) throws -> HDF5Writer.Object) throws -> String? {
      do {
        try write(folder("x.h5"), body)
        return nil
      } catch let error as WeightError {
        return error.description
      }
    }
    for (words, names) in [
      ("found the member a twice", ["a", "b", "a"]), ("found a name of 0 bytes, expected 1 to", [""]),
      ("found a name of 4001 bytes, expected 1 to", [String(repeating: "a", count: 4001)]),
    ] {
      let message = try failure { writer in
        let shared = try add([1], to: &writer)
        return try writer.addGroup(names.map { ($0, shared) })
      }
      #expect(message?.contains(words) == true, "\(words): \(message ?? "none")")
    }
    let message = try failure { writer in
      try writer.addGroup([], attributes: [HDF5Attribute("a", .integer(1)), HDF5Attribute("a", .text(""))])
    }
    #expect(message?.contains("found the attribute a twice") == true)
    #expect(folder.names().isEmpty)
  }

  /// As a disk that loses data would: the bytes change after they were handed to the system.
  @Test("A file that is not read back as it was written is an error", arguments: [100, 500_000, 1_048_600])
  func readBack(
    _ place: Int
  ) throws {
    let path = folder("x.h5")
    let error = #expect(throws: WeightError.self) {
      let part = try UnfinishedFile(for: path)
      var writer = HDF5Writer(part)
      let data = [UInt8](repeating: 7, count: 1 << 20)
      let object = try data.withUnsafeBytes { try writer.add(.bool, [$0.count], $0) }
      let root = try writer.addGroup([
        ("a", object), ("b", try data.withUnsafeBytes { try writer.add(.bool, [$0.count], $0) }),
      ])
      // The first array is long enough to have been written.
      let other = open(part.path, O_WRONLY | O_CLOEXEC)
      #expect(pwrite(other, [0], 1, off_t(place)) == 1)
      close(other)
      try writer.finish(root: root)
      try part.commit()
    }
    #expect(error?.description.contains("found other bytes when read back than were written") == true)
    #expect(folder.names().isEmpty)
  }

  @Test("A full disk is an error at once, and the process goes on", arguments: [100, 5000, 1 << 20, 3 << 20])
  func fullDisk(
    _ count: Int
  ) async throws {
    let path = folder("x.h5")
    try await Handed.over(path, count) {
      await #expect(processExitsWith: .exitCode(7)) {
        let (path, count) = try Handed.taken(String.self, Int.self)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 4096, rlim_max: 4096)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        do {
          let part = try UnfinishedFile(for: path)
          var file = ArrayFile(part, attributes: [("text", String(repeating: "x", count: 5000))])
          try file.append("v", .bool, [count], [UInt8](repeating: 1, count: count))
          try file.finish()
          try part.commit()
        } catch WeightError.system(let error) where error.action == "write" && error.code == EFBIG {
          exit(7)
        }
      }
    }
    #expect(folder.names().isEmpty)
  }
}
