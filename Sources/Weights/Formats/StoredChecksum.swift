// What a zip file says of the bytes of an entry.

/// A part of a file and its checksum as it was written.
package struct StoredChecksum: Equatable, Sendable {
  /// The name of the entry.
  package let name: String
  /// The bytes of the file.
  package let range: Range<Int>
  /// Their CRC-32.
  package let value: UInt32
}
