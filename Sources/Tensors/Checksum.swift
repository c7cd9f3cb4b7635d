// The checksum of zip files.

import CKernels

/// CRC-32 of bytes, as zip files and gzip have it.
///
/// - Parameters:
///   - bytes: The bytes.
///   - before: The checksum of what stands before them; 0 for nothing.
///   - portable: Whether it is computed without the processor's own instructions, for tests.
/// - Returns: The checksum of all together.
package func zipChecksum(
  _ bytes: UnsafeRawBufferPointer, after before: UInt32 = 0, portable: Bool = false
) -> UInt32 {
  ck_crc32(before, bytes.baseAddress, Int64(bytes.count), portable)
}
