// The file that a download grows in: appended to, hashed on the way, or begun anew.

import Glibc

/// An unfinished file and the digest of what is in it.
final class PartialFile {
  let path: String
  /// Bytes that are in it.
  private(set) var length = 0
  private let descriptor: Int32
  private let algorithm: Digest.Algorithm
  private var running: RunningDigest

  private static let blockByteCount = 1 << 20

  /// Opens the file or creates it; what is in it is hashed by `readBack` only.
  init(_ path: String, _ algorithm: Digest.Algorithm) throws(TransferError) {
    self.path = path
    self.algorithm = algorithm
    running = RunningDigest(algorithm)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system(path: path, call: "create", code: errno) }
    length = try size()
  }

  /// Opens a file for reading and hashes it.
  init(existing path: String, _ algorithm: Digest.Algorithm) throws(TransferError) {
    self.path = path
    self.algorithm = algorithm
    running = RunningDigest(algorithm)
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: path, call: "open", code: errno) }
    length = try size()
    try readBack()
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private func size() throws(TransferError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(path: path, call: "fstat", code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .system(path: path, call: "open", code: EISDIR) }
    return Int(status.st_size)
  }

  /// Hashes what an earlier run has left.
  func readBack() throws(TransferError) {
    running = RunningDigest(algorithm)
    var block = [UInt8](repeating: 0, count: Self.blockByteCount)
    var position = 0
    while position < length {
      let count = block.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(position)) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .system(path: path, call: "read", code: count == 0 ? EIO : errno) }
      block.withUnsafeBytes { running.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      position += count
    }
  }

  /// Makes the file empty.
  func restart() throws(TransferError) {
    guard ftruncate(descriptor, 0) == 0 else { throw .system(path: path, call: "truncate", code: errno) }
    length = 0
    running = RunningDigest(algorithm)
  }

  /// Adds `bytes` at the end.
  func append(_ bytes: UnsafeRawBufferPointer) throws(TransferError) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(length + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .system(path: path, call: "write", code: count == 0 ? ENOSPC : errno) }
      done += count
    }
    running.update(bytes)
    length += bytes.count
  }

  /// The digest of all that is in the file; a next one begins from nothing.
  func digest() -> Digest {
    var finished = RunningDigest(algorithm)
    swap(&finished, &running)
    return finished.finish()
  }

  /// Makes the content durable and gives the file its final name.
  func rename(to final: String) throws(TransferError) {
    guard fsync(descriptor) == 0 else { throw .system(path: path, call: "fsync", code: errno) }
    guard Glibc.rename(path, final) == 0 else { throw .system(path: final, call: "rename", code: errno) }
  }
}
