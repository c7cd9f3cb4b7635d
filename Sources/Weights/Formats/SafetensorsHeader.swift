// The header of a safetensors file: 8 bytes of length, JSON, then data. Every number in it is checked before use.
// Format: https://github.com/huggingface/safetensors, "Format".

import Platform

/// The checked header of a safetensors file.
struct SafetensorsHeader {
  /// The tensors in the order of their data.
  let entries: [SafetensorsEntry]
  /// Strings about the file.
  let metadata: [String: String]
  /// Where the data begin in the file.
  let dataStart: Int

  /// The reference implementation's limits.
  static let maximumBytes = 100_000_000
  /// HDF5's limit, far above any weight.
  static let maximumRank = 32

  /// Element types of the format by name, with their bits; all others are unknown.
  private static let bits: [String: Int] = [
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
    "I32": 32, "U32": 32, "F32": 32, "F64": 64, "I64": 64, "U64": 64, "C64": 64,
  ]

  /// Reads the header of `file` and checks it against the size of the file.
  init(_ file: UnsafeRawBufferPointer, path: String) throws(WeightError) {
    guard file.count >= 8 else {
      throw .malformed(path: path, what: "size", found: "\(file.count) bytes", expected: "at least 8")
    }
    let stated = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    let limit = min(file.count - 8, SafetensorsHeader.maximumBytes)
    guard let length = Int(exactly: stated), length <= limit else {
      throw .malformed(path: path, what: "header length", found: "\(stated)", expected: "at most \(limit)")
    }
    guard case .object(let object) = try JSONValue(parsing: Array(file[8..<8 + length]), path: path) else {
      throw .malformed(path: path, what: "header", found: "another JSON value", expected: "an object")
    }
    let dataCount = file.count - 8 - length
    var entries: [SafetensorsEntry] = []
    var metadata: [String: String] = [:]
    for member in object.members {
      if member.key == "__metadata__" {
        metadata = try SafetensorsHeader.metadata(member.value, path: path)
      } else {
        let entry = try SafetensorsHeader.entry(
          member.key, member.value, dataStart: 8 + length, dataCount: dataCount, path: path)
        entries.append(entry)
      }
    }
    entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    try SafetensorsHeader.checkContiguous(entries, from: 8 + length, to: file.count, path: path)
    self.entries = entries
    self.metadata = metadata
    self.dataStart = 8 + length
  }

  private static func metadata(_ value: JSONValue, path: String) throws(WeightError) -> [String: String] {
    guard case .object(let object) = value else {
      throw .malformed(path: path, what: "__metadata__", found: value.kind, expected: "an object of strings")
    }
    var result: [String: String] = [:]
    for member in object.members {
      guard case .string(let text) = member.value else {
        throw .malformed(path: path, what: "__metadata__.\(member.key)", found: member.value.kind, expected: "a string")
      }
      result[member.key] = text
    }
    return result
  }

  private static func entry(
    _ name: String, _ value: JSONValue, dataStart: Int, dataCount: Int, path: String
  ) throws(WeightError) -> SafetensorsEntry {
    guard case .object(let object) = value else {
      throw .malformed(path: path, what: name, found: value.kind, expected: "an object with dtype, shape, data_offsets")
    }
    for member in object.members where !["dtype", "shape", "data_offsets"].contains(member.key) {
      throw .malformed(
        path: path, what: name, found: "the key \(quoted(member.key))", expected: "only dtype, shape, data_offsets")
    }
    guard case .string(let dtype)? = object["dtype"] else {
      throw .malformed(
        path: path, what: "\(name).dtype", found: object["dtype"]?.kind ?? "nothing", expected: "a string")
    }
    let shape = try naturals(object["shape"], what: "\(name).shape", path: path)
    guard shape.count <= maximumRank else {
      throw .malformed(
        path: path, what: "\(name).shape", found: "rank \(shape.count)", expected: "at most \(maximumRank)")
    }
    let offsets = try naturals(object["data_offsets"], what: "\(name).data_offsets", path: path)
    guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= dataCount else {
      throw .malformed(
        path: path, what: "\(name).data_offsets", found: "\(offsets)",
        expected: "[begin, end] with begin <= end <= \(dataCount)")
    }
    if let bits = bits[dtype] {
      let expected = try byteCount(shape, bits: bits, what: "\(name).shape", path: path)
      guard offsets[1] - offsets[0] == expected else {
        throw .malformed(
          path: path, what: "\(name).data_offsets", found: "\(offsets[1] - offsets[0]) bytes",
          expected: "\(expected) for \(dtype) of shape \(shape)")
      }
    }
    return SafetensorsEntry(
      name: name, dtype: dtype, shape: shape, range: dataStart + offsets[0]..<dataStart + offsets[1])
  }

  private static func naturals(_ value: JSONValue?, what: String, path: String) throws(WeightError) -> [Int] {
    guard case .array(let values)? = value else {
      throw .malformed(path: path, what: what, found: value?.kind ?? "nothing", expected: "an array of whole numbers")
    }
    var result: [Int] = []
    for value in values {
      guard case .integer(let number) = value, number >= 0 else {
        throw .malformed(path: path, what: what, found: value.kind, expected: "a whole number that is not negative")
      }
      result.append(number)
    }
    return result
  }

  private static func byteCount(_ shape: [Int], bits: Int, what: String, path: String) throws(WeightError) -> Int {
    guard let bytes = shape.checkedProduct(startingAt: bits / 8) else {
      throw .malformed(path: path, what: what, found: "\(shape)", expected: "a size that fits 64 bits")
    }
    return bytes
  }

  private static func checkContiguous(
    _ entries: [SafetensorsEntry], from start: Int, to end: Int, path: String
  ) throws(WeightError) {
    var position = start
    for entry in entries {
      guard entry.range.lowerBound == position else {
        throw .malformed(
          path: path, what: "\(entry.name).data_offsets",
          found: "\(entry.range.lowerBound < position ? "an overlap" : "a gap") at \(entry.range.lowerBound - start)",
          expected: "data from \(position - start) on")
      }
      position = entry.range.upperBound
    }
    guard position == end else {
      throw .malformed(path: path, what: "data", found: "\(end - start) bytes", expected: "\(position - start)")
    }
  }
}

extension [Int] {
  /// The product of the elements and `first`, or `nil` if one is negative or the product does not fit.
  ///
  /// A zero makes the product zero, but a multiplication from the left must not overflow before it: the product must
  /// fit without the zeros, too.
  package func checkedProduct(startingAt first: Int) -> Int? {
    var result = first
    for extent in self where extent != 0 {
      let (product, overflow) = result.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow else { return nil }
      result = product
    }
    return contains(0) ? 0 : result
  }
}
