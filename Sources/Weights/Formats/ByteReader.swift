// Numbers from untrusted bytes: nothing is read beyond the end.

/// A place in bytes, moving forward.
struct ByteReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    self.bytes = bytes
    self.position = min(max(0, position), bytes.count)
  }

  var remaining: Int { bytes.count - position }

  /// The next little-endian number, or `nil` at the end.
  mutating func number<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
    guard remaining >= MemoryLayout<Value>.size else { return nil }
    defer { position += MemoryLayout<Value>.size }
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
  }

  /// The next bytes, or `nil` when there are fewer.
  mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count >= 0, count <= remaining else { return nil }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  /// The bytes up to the next line end, which is skipped, or `nil` when there is none.
  mutating func line() -> UnsafeRawBufferPointer? {
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { position = end + 1 }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<end])
  }
}
