// Which file lies at an address: what the program says when a mapped file has become shorter than its mapping.

import Synchronization

/// The mapped files of this process.
///
/// Reading a page that its file no longer has ends a process by SIGBUS, without a word. A program that catches the signal
/// finds the file here.
package enum MappedRanges {
  private static let paths = Mutex<[Range<UInt>: String]>([:])

  /// Notes that the file at `path` is mapped to `bytes`.
  package static func add(_ bytes: UnsafeRawBufferPointer, path: String) {
    paths.withLock { $0[range(bytes)] = path }
  }

  /// Forgets a mapping that is about to end.
  package static func remove(_ bytes: UnsafeRawBufferPointer) {
    paths.withLock { _ = $0.removeValue(forKey: range(bytes)) }
  }

  /// The file that is mapped to an address; `nil` when there is none.
  package static func path(at address: UInt) -> String? {
    paths.withLock { paths in paths.first { $0.key.contains(address) }?.value }
  }

  private static func range(_ bytes: UnsafeRawBufferPointer) -> Range<UInt> {
    let start = UInt(bitPattern: bytes.baseAddress)
    return start..<start + UInt(bytes.count)
  }
}
