// The checksum of HDF5's metadata and the hash of its names: Bob Jenkins' lookup3.

/// lookup3 (`hashlittle`, initial value 0) of bytes, as the HDF5 File Format Specification 3.0 wants it.
package func hdf5Checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
  func rotated(_ x: UInt32, _ count: UInt32) -> UInt32 { x << count | x >> (32 - count) }
  func word(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
  let start = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.count)
  var (a, b, c) = (start, start, start), offset = 0
  while bytes.count - offset > 12 {
    a &+= word(offset)
    b &+= word(offset + 4)
    c &+= word(offset + 8)
    a = (a &- c) ^ rotated(c, 4)
    c &+= b
    b = (b &- a) ^ rotated(a, 6)
    a &+= c
    c = (c &- b) ^ rotated(b, 8)
    b &+= a
    a = (a &- c) ^ rotated(c, 16)
    c &+= b
    b = (b &- a) ^ rotated(a, 19)
    a &+= c
    c = (c &- b) ^ rotated(b, 4)
    b &+= a
    offset += 12
  }
  guard offset < bytes.count else { return c }
  // At most twelve bytes are left; those that are missing count as zeros.
  var last: (UInt32, UInt32, UInt32) = (0, 0, 0)
  for (place, byte) in bytes[offset...].enumerated() {
    let value = UInt32(byte) << UInt32(place % 4 * 8)
    switch place / 4 {
    case 0: last.0 |= value
    case 1: last.1 |= value
    default: last.2 |= value
    }
  }
  a &+= last.0
  b &+= last.1
  c &+= last.2
  c = (c ^ b) &- rotated(b, 14)
  a = (a ^ c) &- rotated(c, 11)
  b = (b ^ a) &- rotated(a, 25)
  c = (c ^ b) &- rotated(b, 16)
  a = (a ^ c) &- rotated(c, 4)
  b = (b ^ a) &- rotated(a, 14)
  c = (c ^ b) &- rotated(b, 24)
  return c
}

/// The checksum of an array of bytes.
package func hdf5Checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { hdf5Checksum($0) } }
