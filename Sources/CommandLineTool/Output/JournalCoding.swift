// The encoding of a record's results in a journal; the bytes that are decoded may be cut off or damaged.

import ESMFoldKit

/// Writes numbers and texts, little-endian, each text after its length.
struct JournalEncoder {
  private(set) var bytes: [UInt8] = []

  mutating func number(_ value: Int) {
    withUnsafeBytes(of: UInt64(truncatingIfNeeded: value).littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func block(_ block: some Collection<UInt8>) {
    number(block.count)
    bytes.append(contentsOf: block)
  }

  /// A number alone.
  static func encode(_ value: Int) -> [UInt8] {
    var encoder = JournalEncoder()
    encoder.number(value)
    return encoder.bytes
  }

  /// The entry of one record.
  static func encode(_ record: ResultRecord) -> [UInt8] {
    var encoder = JournalEncoder()
    // Grown step by step, it would take twice as much.
    encoder.bytes.reserveCapacity(
      record.arrays.reduce(record.sequence.utf8.count + 1024) { $0 + $1.bytes.count + 1024 })
    for text in [record.name, record.header, record.sequence] { encoder.block(text.utf8) }
    encoder.number(record.arrays.count)
    for array in record.arrays {
      encoder.block(array.name.utf8)
      encoder.block(array.elementType.rawValue.utf8)
      encoder.number(array.shape.count)
      for extent in array.shape { encoder.number(extent) }
      encoder.block(array.bytes)
    }
    return encoder.bytes
  }
}

/// Reads what `JournalEncoder` has written; nil if the bytes are damaged.
struct JournalDecoder {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  mutating func number() -> Int? {
    guard rest.count >= 8 else { return nil }
    let value = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    rest = rest.dropFirst(8)
    return Int(exactly: value)
  }

  mutating func block() -> ArraySlice<UInt8>? {
    guard let count = number(), count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func text() -> String? { block().flatMap { String(validating: $0, as: UTF8.self) } }

  /// The record of an entry.
  static func decode(_ bytes: [UInt8]) -> ResultRecord? {
    var decoder = JournalDecoder(bytes)
    guard let name = decoder.text(), let header = decoder.text(), let sequence = decoder.text(),
      let count = decoder.number(), count <= bytes.count
    else { return nil }
    var arrays: [ResultArray] = []
    for _ in 0..<count {
      guard let array = decoder.array() else { return nil }
      arrays.append(array)
    }
    return ResultRecord(name: name, header: header, sequence: sequence, arrays: arrays)
  }

  private mutating func array() -> ResultArray? {
    guard let name = text(), let type = text().flatMap(ResultArray.ElementType.init(rawValue:)), let rank = number(),
      rank <= 8
    else { return nil }
    var shape: [Int] = [], size = type.byteCount
    for _ in 0..<rank {
      guard let extent = number() else { return nil }
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      size = product
      shape.append(extent)
    }
    guard let bytes = block(), bytes.count == size else { return nil }
    return ResultArray(name, shape, bytes: Array(bytes), as: type)
  }
}
