// A whole file mapped into memory for reading, so that a model of 8 GB is opened without being read.

import Glibc

/// The bytes of a regular file, mapped read-only and unmapped with the last value that refers to them.
///
/// A file that another process shortens while it is mapped ends the program when the lost part is touched; nothing that
/// this program writes under a final name is ever changed in place.
///
/// `@unchecked Sendable`: the memory is mapped without the right to write.
package final class MappedFile: @unchecked Sendable {
  /// The path as it was given, for messages.
  package let path: String
  /// The content. Valid while this object is alive, which its last mention ends: see `withExtendedLifetime`.
  package let bytes: UnsafeRawBufferPointer

  /// What to tell the system about a part of the file.
  package enum Advice {
    /// It will be read soon: start to fetch it.
    case willNeed
    /// It will not be read again soon: its pages may go. They come back from the file when touched.
    case dontNeed
    /// The file is read from the front to the back.
    case sequential
  }

  /// Maps the file at `path`. Throws if it cannot be opened, is not a regular file or is empty.
  package init(_ path: String) throws(WeightError) {
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(path: path, call: "open", code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(path: path, call: "fstat", code: errno) }
    guard let size = try FileStatus(status, path: path).regularSize else { throw .empty(path: path) }
    let address = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw .system(path: path, call: "mmap", code: errno) }
    self.path = path
    self.bytes = UnsafeRawBufferPointer(start: address, count: size)
  }

  deinit {
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }

  /// Advises the system about `range`, widened to whole pages for `.willNeed` and narrowed to them for `.dontNeed`, so
  /// that a neighbour's pages stay.
  package func advise(_ advice: Advice, _ range: Range<Int>) {
    let page = Int(getpagesize())
    let part = range.clamped(to: 0..<bytes.count)
    var start = part.lowerBound / page * page
    var end = part.upperBound
    if case .dontNeed = advice {
      start = (part.lowerBound + page - 1) / page * page
      end = part.upperBound == bytes.count ? end : end / page * page
    }
    guard start < end, let base = bytes.baseAddress else { return }
    let code =
      switch advice {
      case .willNeed: MADV_WILLNEED
      case .dontNeed: MADV_DONTNEED
      case .sequential: MADV_SEQUENTIAL
      }
    // Advice only: a system that does not take it works as well, more slowly.
    _ = madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, code)
  }
}

/// What the system says about a path: kind, size, and when it was last written.
package struct FileStatus: Equatable {
  /// Bytes of a regular file, `nil` when it is empty.
  package let regularSize: Int?
  /// Nanoseconds since 1970.
  package let modified: Int

  /// The status of `path`, which must be a regular file or a link to one.
  package init(of path: String) throws(WeightError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .system(path: path, call: "stat", code: errno) }
    try self.init(status, path: path)
  }

  fileprivate init(_ status: stat, path: String) throws(WeightError) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .notRegular(path: path, kind: "a folder")
    case S_IFIFO: throw .notRegular(path: path, kind: "a pipe")
    case S_IFSOCK: throw .notRegular(path: path, kind: "a socket")
    default: throw .notRegular(path: path, kind: "a device")
    }
    regularSize = status.st_size > 0 ? Int(status.st_size) : nil
    modified = Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec)
  }
}
