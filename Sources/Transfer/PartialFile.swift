// The file that a download grows in: appended to, hashed on the way, or started over. Its name is known beforehand, unlike that
// of an `UnfinishedFile`, because a later run continues it.

import Glibc
import Platform

/// An unfinished download and the digest of what is in it; locked as long as this object lives.
final class PartialFile {
  let path: String
  /// Bytes that are in it.
  private(set) var length = 0
  private let descriptor: Int32
  private let algorithm: Digest.Algorithm
  private var running: RunningDigest

  /// Opens the file or creates it; what is in it is hashed by `readBack` only.
  ///
  /// - Throws: `TransferError.inUse` when another download writes it.
  init(_ path: String, _ algorithm: Digest.Algorithm) throws(TransferError) {
    self.path = path
    self.algorithm = algorithm
    running = RunningDigest(algorithm)
    guard let descriptor = try TransferError.wrapping(try FileLock.open(path)) else { throw .inUse(path: path) }
    self.descriptor = descriptor
    let status = try TransferError.wrapping(try FileStatus(descriptor: descriptor, path: path))
    guard status.kind == .file else { throw .system(path: path, action: "open", code: EISDIR) }
    length = status.size
  }

  deinit {
    // A process that is being started may have a copy of the descriptor for a moment, and with it the lock.
    FileLock.release(descriptor)
    close(descriptor)
  }

  /// Hashes what an earlier run has left.
  func readBack() throws(TransferError) {
    running = RunningDigest(algorithm)
    let count = try TransferError.wrapping(try running.update(fromFile: descriptor, path))
    guard count == length else { throw .system(path: path, action: "read", code: EIO) }
  }

  /// Makes the file empty.
  func restart() throws(TransferError) {
    guard ftruncate(descriptor, 0) == 0 else { throw .system(path: path, action: "truncate", code: errno) }
    length = 0
    running = RunningDigest(algorithm)
  }

  /// Adds `bytes` at the end.
  func append(_ bytes: UnsafeRawBufferPointer) throws(TransferError) {
    let code = writeAll(bytes, to: descriptor, at: length)
    guard code == 0 else { throw .system(path: path, action: "write", code: code) }
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
    try TransferError.wrapping(try synchronize(descriptor, path))
    try TransferError.wrapping(try Platform.rename(path, to: final))
    Folder.synchronize(final.folder)
  }
}
