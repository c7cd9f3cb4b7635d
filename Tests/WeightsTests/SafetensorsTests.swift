// safetensors: files by the reference implementation are read exactly; damaged and inconsistent ones are refused.

import Glibc
import Platform
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

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
    #expect(bias == [0.5, 0, Float(6.1035156e-05) - Float(0x1p-24), 0x1p-24, 65504])
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

  /// Headers for eight bytes of data, each with one fault, and the words that name it.
  static let lies: [(String, String)] = [
    ("[]", "header: found another JSON value, expected an object"),
    (#"{"a":1}"#, "a: found 1, expected an object with dtype"),
    (#"{"a":{}}"#, "a.dtype: found nothing, expected a string"),
    (#"{"a":{"dtype":"F32","shape":[2]}}"#, "a.data_offsets: found nothing, expected an array"),
    (#"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#, "a.shape: found nothing, expected an array"),
    (#"{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}"#, "a.shape: found 2, expected an array"),
    (#"{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}"#, "a.dtype: found 7, expected a string"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, "a.data_offsets: found [0], expected [begin, end]"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}"#, "a.data_offsets: found [0, 8, 8], expected [begin"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}"#, #"a: found the key "more", expected only"#),
    (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, "a.data_offsets: found 8 bytes, expected 12 for F32"),
    (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, "a.shape: found -2, expected a whole number"),
    (#"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, "a.shape: found 2.0, expected a whole number"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, "a.data_offsets: found -8, expected a whole"),
    (#"{"a":{"dtype":"Q7","shape":[2],"data_offsets":[8,0]}}"#, "a.data_offsets: found [8, 0], expected [begin, end]"),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
      "a.data_offsets: found [8, 16], expected [begin, end]"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}"#,
      "a.data_offsets: found [0, 9223372036854775807], expected [begin, end] with begin <= end <= 8"
    ),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775808]}}"#, "expected a whole number"),
    (
      #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#,
      "a.shape: found [4611686018427387904, 4], expected a size that fits 64 bits"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,2],"data_offsets":[0,8]}}"#,
      "expected a size that fits 64 bits"
    ),
    (#"{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}"#, "expected a size that fits 64 bits"),
    (
      #"{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}"#,
      "a.shape: found rank 33, expected at most 32"
    ),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "data: found 8 bytes, expected 4"),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      "a.data_offsets: found a gap at 4, expected data from 0"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      "b.data_offsets: found an overlap at 4, expected data from 8"
    ),
    (
      #"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      "b.data_offsets: found a gap at 4, expected data from 2"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      "found an overlap at 0, expected data from 8"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      #"found the key "a" again"#
    ),
    (
      #"{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      "__metadata__.a: found 1, expected a string"
    ),
    (
      #"{"__metadata__":[],"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      "__metadata__: found an array, expected an object of strings"
    ),
  ]

  @Test(arguments: lies)
  func lyingHeader(_ header: String, _ words: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("t.safetensors", safetensors(header, data: Array(repeating: 0, count: 8)))
    let sentence = failure { () throws(WeightError) in try Safetensors(path) }?.description ?? "no error"
    #expect(sentence.hasPrefix("\(path): ") && sentence.contains(words), "\(sentence)")
  }

  @Test("The largest rank, empty tensors anywhere, entries in any order") func limits() throws {
    let folder = try TemporaryFolder()
    let ones = Array(repeating: "1", count: 31).joined(separator: ",")
    let header =
      #"{"b":{"dtype":"F32","shape":[\#(ones),1],"data_offsets":[4,8]},"none":{"dtype":"F32","shape":[0],"data_offsets":"#
      + #"[8,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}"#
    let path = try folder.write("t.safetensors", safetensors(header, data: [0, 0, 128, 63, 0, 0, 0, 64]))
    let file = try Safetensors(path)
    #expect(file.entries.map(\.name) == ["a", "x", "b", "none"] && file.entries[2].shape.count == 32)
    #expect(try file.tensors().map { $0.floats() } == [[1], [], [2], []])
  }

  /// The sizes of the types of https://github.com/huggingface/safetensors.
  @Test(
    "Every element type has its size",
    arguments: [
      ("BOOL", 1), ("U8", 1), ("I8", 1), ("F8_E5M2", 1), ("F8_E4M3", 1), ("F8_E8M0", 1), ("I16", 2), ("U16", 2),
      ("F16", 2), ("BF16", 2), ("I32", 4), ("U32", 4), ("F32", 4), ("F64", 8), ("I64", 8), ("U64", 8), ("C64", 8),
    ]) func sizes(_ dtype: String, _ size: Int) throws
  {
    let folder = try TemporaryFolder()
    func open(_ bytes: Int) -> WeightError? {
      failure { () throws(WeightError) in
        let header = #"{"a":{"dtype":"\#(dtype)","shape":[3],"data_offsets":[0,\#(bytes)]}}"#
        let data = [UInt8](repeating: 1, count: bytes)
        guard let path = try? folder.write("t.safetensors", safetensors(header, data: data)) else { return }
        _ = try Safetensors(path)
      }
    }
    #expect(open(3 * size) == nil)
    for bytes in [3 * size - 1, 3 * size + 1, 6 * size] {
      #expect(
        open(bytes)?.description.contains(
          "found \(bytes) bytes, expected \(3 * size) for \(dtype) of shape [3]") == true)
    }
  }

  @Test("Headers longer than the format allows, and longer than the file") func longHeaders() throws {
    let folder = try TemporaryFolder()
    let limit = 100_000_000
    let path = try folder.write("t.safetensors", little(limit + 1, 8))
    try #require(truncate(path, limit + 64) == 0)
    #expect(
      failure { () throws(WeightError) in try Safetensors(path) }
        == .malformed(path: path, what: "header length", found: "\(limit + 1)", expected: "at most \(limit)"))
    let small = try folder.write("s.safetensors", little(3, 8) + Array("{}".utf8))
    #expect(
      failure { () throws(WeightError) in try Safetensors(small) }
        == .malformed(path: small, what: "header length", found: "3", expected: "at most 2"))
    try folder.write("s.safetensors", little(2, 8) + Array("{}".utf8))
    #expect(try Safetensors(small).entries.isEmpty && Safetensors(small).dataStart == 10)
    try folder.write("s.safetensors", little(0, 7))
    #expect(
      failure { () throws(WeightError) in try Safetensors(small) }
        == .malformed(path: small, what: "size", found: "7 bytes", expected: "at least 8"))
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
        // Either result is fine; a trap would end the test run.
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
        == .system(path: folder("no"), action: "open", code: 2))
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
