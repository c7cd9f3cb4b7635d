// The digest of a file that is processed at the same time, so that it is read from the disk once.

import Platform

/// A running SHA-256 of a mapped file from its front to its end, releasing the pages that have been used.
package struct FileDigest: ~Copyable {
  private let file: MappedFile
  private var digest = RunningDigest()
  private var position = 0
  private var fetched = 0

  /// Bytes that are hashed at a time: little enough to stay in the processor's cache for what comes next.
  package static let blockByteCount = 1 << 20
  /// The system is advised to read ahead by this many bytes.
  private static let readAhead = 16 << 20

  package init(_ file: MappedFile) {
    self.file = file
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
      if next <= start { file.advise(.dontNeed, position..<next) }
      position = next
    }
  }

  /// Hashes the rest and returns the digest in hexadecimal digits.
  package consuming func finish() -> String {
    advance(to: file.bytes.count, keeping: file.bytes.count)
    return digest.finish().hexadecimal
  }
}
