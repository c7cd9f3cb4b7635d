// safetensors: files by the reference implementation are read exactly; damaged and lying ones are refused.

import Tensors
import TestSupport
import Testing
import Weights

@Suite struct SafetensorsTests {
  @Test func readsEveryElementType() throws {
    let file = try Safetensors(Fixtures.path("weights/model.safetensors"))
    #expect(file.metadata == ["format": "pt"])
    let tensors = try file.tensors()
    let shapes = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.shape) })
    #expect(
      shapes == [
        "esm.a.weight": [2, 3], "esm.a.bias": [5], "trunk.b": [3], "esm.position_ids": [1, 4], "trunk.scalar": [],
        "trunk.empty": [0, 4],
      ])
    let w = WeightScope(WeightStore(path: "model", modelName: "m", configJSON: "{}", tensors: tensors))
    #expect(try w["esm"]["a"].floats("weight", [2, 3]) == [1.5, -2.25, 3, 0.1, 1e-30, -65504])
    let bias = try w["esm.a"].floats("bias", [5])
    #expect(bias == [0.5, 0, 6.1035156e-05 - 0x1p-24, 0x1p-24, 65504])
    #expect(bias[1].sign == .minus)
    #expect(try w["trunk"].floats("b", [3]) == [1, -3.140625, Float(bitPattern: 0x7E96_0000)])
    #expect(try w["esm"].integers("position_ids", [1, 4]) == [0, 1, -1, 1 << 62])
    #expect(try w.floats("trunk.scalar", []) == [7])
    #expect(try w["trunk"].floats("empty", [0, 4]) == [])
  }

  @Test func copiesDataThatAreNotAligned() throws {
    let file = try Safetensors(Fixtures.path("weights/misaligned.safetensors"))
    let store = WeightStore(path: "m", modelName: "m", configJSON: "{}", tensors: try file.tensors())
    #expect(try WeightScope(store).floats("half", [1]) == [0.5])
    #expect(try WeightScope(store).floats("single", [2]) == [1.25, -2.5])
  }

  @Test func everyTruncationIsAnError() throws {
    let folder = try TemporaryFolder()
    let whole = try fixture("model.safetensors")
    for length in whole.indices {
      let path = try folder.write("t.safetensors", Array(whole[..<length]))
      #expect(throws: WeightError.self, "\(length) bytes") { try Safetensors(path) }
    }
    let longer = try folder.write("t.safetensors", whole + [0])
    #expect(throws: WeightError.self) { try Safetensors(longer) }
  }

  /// Headers for eight bytes of data, each wrong in one way.
  static let lies: [String] = [
    #"[]"#, #"{"a":1}"#, #"{"a":{}}"#, #"{"a":{"dtype":"F32","shape":[2]}}"#,
    #"{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}"#,
    #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775808]}}"#,
    #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"__metadata__":[],"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
  ]

  @Test(arguments: lies)
  func lyingHeader(_ header: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("t.safetensors", safetensors(header, data: Array(repeating: 0, count: 8)))
    #expect(throws: WeightError.self) { try Safetensors(path) }
  }

  @Test(arguments: [9, 1 << 40, UInt64(Int.max), UInt64.max, UInt64.max - 7])
  func lyingHeaderLength(_ length: UInt64) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "t.safetensors", withUnsafeBytes(of: length.littleEndian, Array.init) + Array("{}".utf8))
    #expect(throws: WeightError.self) { try Safetensors(path) }
  }

  @Test func everyChangedByteIsReadOrRefused() throws {
    let folder = try TemporaryFolder()
    let whole = try fixture("model.safetensors")
    for index in whole.indices {
      for change: UInt8 in [0x01, 0x10, 0xFF] {
        var bytes = whole
        bytes[index] ^= change
        let path = try folder.write("t.safetensors", bytes)
        // Either answer will do; a trap would end the test run.
        _ = failure { () throws(WeightError) in try Safetensors(path).tensors() }
      }
    }
  }

  @Test func otherElementTypesAreListedAndRefusedWhenRead() throws {
    let folder = try TemporaryFolder()
    let header =
      #"{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"Q7","shape":[9],"data_offsets":[2,3]}}"#
    let path = try folder.write("t.safetensors", safetensors(header, data: [1, 2, 3]))
    let file = try Safetensors(path)
    #expect(file.entries.map(\.dtype) == ["F8_E4M3", "Q7"])
    let error = failure { () throws(WeightError) in try file.tensors() }
    #expect(error == .elementType(tensor: "a", found: "F8_E4M3", path: path))
  }

  @Test func notFiles() throws {
    let folder = try TemporaryFolder()
    #expect(
      failure { () throws(WeightError) in try MappedFile(folder("no")) }
        == .system(path: folder("no"), call: "open", code: 2))
    #expect(
      failure { () throws(WeightError) in try MappedFile(folder.path) }
        == .notRegular(path: folder.path, kind: "a folder"))
    let empty = try folder.write("empty", "")
    #expect(failure { () throws(WeightError) in try MappedFile(empty) } == .empty(path: empty))
    #expect(throws: WeightError.self) { try MappedFile("/dev/null") }
    let pipe = folder("pipe")
    try #require(makePipe(pipe))
    #expect(failure { () throws(WeightError) in try MappedFile(pipe) } == .notRegular(path: pipe, kind: "a pipe"))
  }
}
