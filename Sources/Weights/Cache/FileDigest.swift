// The digest of a file that is processed at the same time, so that it is read from the disk once.

import Platform
import Tensors

/// A running SHA-256 of a mapped file from its front to its end, releasing the pages that have been used. The checksums that
/// a zip file has of its entries are compared on the way.
package struct FileDigest: ~Copyable {
  private let file: MappedFile
  private var digest = RunningDigest()
  private var position = 0
  private var fetched = 0
  /// The checksums that are not compared yet, in the order of their bytes, which do not overlap; how many are; and that of
  /// the bytes of the present one so far.
  private let checksums: [StoredChecksum]
  private var compared = 0
  private var checksum: UInt32 = 0
  /// The first entry that is not as it was written.
  private var damage: WeightError?

  /// Bytes that are hashed at a time: little enough to stay in the processor's cache for what comes next.
  package static let blockByteCount = 1 << 20
  /// The system is advised to read ahead by this many bytes.
  private static let readAhead = 16 << 20

  package init(_ file: MappedFile, checksums: [StoredChecksum] = []) {
    self.file = file
    self.checksums = checksums
    file.advise(.sequential, 0..<file.bytes.count)
  }

  /// Hashes up to byte `end`, unless that has been done. Pages before `start` are not needed any more.
  package mutating func advance(to end: Int, keeping start: Int) {
    while position < end {
      let next = min(position + Self.blockByteCount, end)
      if next > fetched {
        file.advise(.willNeed, fetched..<next + 2 * Self.readAhead)
        fetched = next + Self.readAhead
      }
      digest.update(UnsafeRawBufferPointer(rebasing: file.bytes[position..<next]))
      compare(position..<next)
      if next <= start { file.advise(.dontNeed, position..<next) }
      position = next
    }
  }

  private mutating func compare(_ block: Range<Int>) {
    while compared < checksums.count, checksums[compared].range.lowerBound < block.upperBound {
      let stored = checksums[compared]
      checksum = zipChecksum(
        UnsafeRawBufferPointer(rebasing: file.bytes[stored.range.clamped(to: block)]), after: checksum)
      guard stored.range.upperBound <= block.upperBound else { return }
      if checksum != stored.value, damage == nil {
        damage = .malformed(
          path: file.path, what: "zip entry \(quoted(stored.name))", found: "CRC-32 \(Self.digits(checksum))",
          expected: "\(Self.digits(stored.value)), that of what was written")
      }
      (compared, checksum) = (compared + 1, 0)
    }
  }

  private static func digits(_ value: UInt32) -> String {
    hexadecimal((0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * $0)) })
  }

  /// Throws `WeightError.malformed` when an entry that has been read is not as it was written.
  package func check() throws(WeightError) {
    if let damage { throw damage }
  }

  /// Hashes the rest and returns the digest in hexadecimal digits. Throws as `check`.
  package consuming func finish() throws(WeightError) -> String {
    advance(to: file.bytes.count, keeping: file.bytes.count)
    try check()
    return digest.finish().hexadecimal
  }
}
