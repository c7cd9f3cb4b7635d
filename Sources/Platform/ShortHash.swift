// A hash that is the same in every run, for tables on the disk and names of files; not against forgers.

/// FNV-1a with 64 bits.
package func shortHash(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.withContiguousStorageIfAvailable { shortHash(of: UnsafeRawBufferPointer($0)) }
    ?? bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

/// The same of many names in a row, without the costs of a generic function.
///
/// - Parameters:
///   - bytes: What is hashed.
///   - start: The hash of the bytes before these.
/// - Returns: The hash of both.
package func shortHash(of bytes: UnsafeRawBufferPointer, after start: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
  var hash = start
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
  return hash
}
