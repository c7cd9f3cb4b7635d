// A whole file mapped into memory for reading, so that a model of 8 GB is opened without being read.

import Glibc
package import Platform

/// The bytes of a regular file, mapped read-only and unmapped with the last value that refers to them.
///
/// If another process truncates the file while it is mapped, touching the lost part raises SIGBUS (see `MappedRanges`);
/// what it overwrites in place is read as it is now (see `checkUnchanged`). This program never changes a file in place
/// under its final name.
///
/// `@unchecked Sendable`: the memory is mapped without the right to write.
package final class MappedFile: @unchecked Sendable {
  /// The path as it was given, for messages.
  package let path: String
  /// The content. Valid while this object is alive, which ends after its last use: see `withExtendedLifetime`.
  package let bytes: UnsafeRawBufferPointer
  /// The content with what is before it in its first page; the same where the whole file is mapped.
  private let pages: UnsafeRawBufferPointer
  private let fileSize: Int
  /// Kept open to ask about this very file, whatever has its name by now.
  private let descriptor: Int32
  private let modified: Int

  /// Advice to the system about a part of the file.
  package enum Advice {
    /// It will be read soon: start to fetch it.
    case willNeed
    /// It will not be read again soon: its pages may be dropped. They are read from the file again when touched.
    case dontNeed
    /// The file is read from the front to the back.
    case sequential
  }

  /// Maps the file at `path`.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - part: Which bytes are the content, for a file within another; `nil` for all.
  /// - Throws: `WeightError` if it cannot be opened, is not a regular file, is empty or does not have the part.
  package init(_ path: String, part: Range<Int>? = nil) throws(WeightError) {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(path: path, action: "open", code: errno) }
    do throws(WeightError) {
      let status = try WeightError.wrapping(try FileStatus(descriptor: descriptor, path: path)).checked(path)
      guard status.size > 0 else { throw .empty(path: path) }
      let part = part ?? 0..<status.size
      guard !part.isEmpty, part.lowerBound >= 0, part.upperBound <= status.size else { throw .changed(path: path) }
      let start = part.lowerBound / Int(getpagesize()) * Int(getpagesize())
      let address = mmap(nil, part.upperBound - start, PROT_READ, MAP_SHARED, descriptor, off_t(start))
      guard let address, address != MAP_FAILED else { throw .system(path: path, action: "mmap", code: errno) }
      self.path = path
      self.descriptor = descriptor
      modified = status.modified
      fileSize = status.size
      pages = UnsafeRawBufferPointer(start: address, count: part.upperBound - start)
      bytes = UnsafeRawBufferPointer(rebasing: pages[(part.lowerBound - start)...])
    } catch {
      close(descriptor)
      throw error
    }
    MappedRanges.add(pages, path: path)
  }

  deinit {
    MappedRanges.remove(pages)
    munmap(UnsafeMutableRawPointer(mutating: pages.baseAddress), pages.count)
    close(descriptor)
  }

  /// Throws `WeightError.changed` if the file has another size, or was written to, since it was mapped. A file that is
  /// replaced by renaming another one to its name has not changed: the mapping is still that of the old one.
  package func checkUnchanged() throws(WeightError) {
    let status = try WeightError.wrapping(try FileStatus(descriptor: descriptor, path: path))
    guard status.size == fileSize, status.modified == modified else { throw .changed(path: path) }
  }

  /// Advises the system about `range`, widened to whole pages for `.willNeed` and narrowed to them for `.dontNeed`, so
  /// that neighbouring pages are kept.
  package func advise(_ advice: Advice, _ range: Range<Int>) {
    let page = Int(getpagesize())
    let part = range.clamped(to: 0..<bytes.count)
    var start = part.lowerBound / page * page
    var end = part.upperBound
    if case .dontNeed = advice {
      start = (part.lowerBound + page - 1) / page * page
      end = part.upperBound == bytes.count ? end : end / page * page
    }
    guard start < end, let base = bytes.baseAddress, base == pages.baseAddress else { return }
    let code =
      switch advice {
      case .willNeed: MADV_WILLNEED
      case .dontNeed: MADV_DONTNEED
      case .sequential: MADV_SEQUENTIAL
      }
    // Advice only: without it everything works, more slowly.
    _ = madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, code)
  }
}

extension FileStatus {
  /// The status of `path`, which must be a regular file or a link to one.
  package static func ofFile(_ path: String) throws(WeightError) -> FileStatus {
    try WeightError.wrapping(try FileStatus(of: path)).checked(path)
  }

  /// This status, which must be that of a regular file.
  fileprivate func checked(_ path: String) throws(WeightError) -> FileStatus {
    switch kind {
    case .file: return self
    case .folder: throw .notRegular(path: path, kind: "a folder")
    case .pipe: throw .notRegular(path: path, kind: "a pipe")
    case .socket: throw .notRegular(path: path, kind: "a socket")
    case .link, .device: throw .notRegular(path: path, kind: "a device")
    }
  }
}
