// HDF5 files of results: what is written is there, in groups of groups.

import Foundation
import Tensors
import Testing
import Weights

@Suite struct ArrayFileTests {
  private static func write(_ path: String) throws {
    let file = try ArrayFile(creating: path, attributes: [("settings", "{}")])
    for name in ["a", "b"] {
      try file.append(
        group: name, attributes: [("original_id", "\(name) é"), ("sequence", "")],
        arrays: [
          .init("representations/0", .float32, [2, 1], bytes: [0, 0, 128, 63, 0, 0, 0, 64]),
          .init("representations/33", .float16, [3], bytes: [0, 60, 0, 64, 0, 66]),
          .init("contacts", .float32, [0, 0], bytes: []),
          .init("ptm", .float32, [], bytes: [0, 0, 0, 63]),
        ])
    }
    try file.close()
  }

  @Test("Arrays of every kind are read back") func arrays() throws {
    let scratch = try TemporaryFolder()
    let path = scratch("results.h5")
    try Self.write(path)
    let mapped = try MappedFile(path)
    let file = try HDF5File.open(image: mapped.bytes, owner: mapped, path: path)
    let states = try file.datasets(in: "/b/representations", aligned: false)
    #expect(states.map(\.name) == ["0", "33"] && states.map(\.shape) == [[2, 1], [3]])
    #expect(states.map(\.elementType) == [.float32, .float16])
    #expect(Array(mapped.bytes[states[0].offset..<states[0].offset + 8]) == [0, 0, 128, 63, 0, 0, 0, 64])
    #expect(Array(mapped.bytes[states[1].offset..<states[1].offset + 6]) == [0, 60, 0, 64, 0, 66])
  }

  @Test("Arrays lie without gaps: a list of gaps makes files of many records take forever") func packed() throws {
    let scratch = try TemporaryFolder()
    let path = scratch("results.h5")
    let output = try ArrayFile(creating: path, attributes: [])
    for name in ["a", "b", "c"] {
      try output.append(group: name, attributes: [], arrays: [.init("v", .float32, [1], bytes: [0, 0, 128, 63])])
    }
    try output.close()
    let mapped = try MappedFile(path)
    let file = try HDF5File.open(image: mapped.bytes, owner: mapped, path: path)
    var offsets: [Int] = []
    for name in ["a", "b", "c"] { offsets += try file.datasets(in: "/" + name, aligned: false).map(\.offset) }
    try #require(offsets.count == 3)
    #expect(offsets[1] == offsets[0] + 4 && offsets[2] == offsets[1] + 4)
  }

  @Test("The same results are the same bytes, whenever they are written") func deterministic() throws {
    let scratch = try TemporaryFolder()
    try Self.write(scratch("one.h5"))
    // Times are stored in whole seconds.
    Thread.sleep(forTimeInterval: 1.1)
    try Self.write(scratch("two.h5"))
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: scratch("one.h5")))
        == Data(contentsOf: URL(fileURLWithPath: scratch("two.h5"))))
  }
}
