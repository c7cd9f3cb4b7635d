// A tar of folds that is read, perhaps while a run writes it.

import Glibc
import Platform

/// An open tar, of which nothing is written.
final class OpenTar {
  let results: TarResults
  private let descriptor: Int32

  /// - Parameters:
  ///   - path: The tar.
  ///   - isLocked: Whether no run may write to it meanwhile.
  ///   - visit: Told of each file and record.
  /// - Throws: `ResultsError` when it cannot be read, is another file, or is in use.
  init(
    _ path: String, isLocked: Bool, visit: (TarResults.Visit) -> Void = { _ in }
  ) throws(ResultsError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(path: path, action: "open", code: errno) }
    do throws(ResultsError) {
      guard (try? FileStatus(descriptor: descriptor, path: path))?.kind == .file else {
        throw .noTable(path: path, found: "no regular file", expected: "a tar of folds")
      }
      if isLocked, FileLock.take(descriptor, isShared: true) == .taken {
        throw .unreadable(OutputError.inUse(path: path))
      }
      do throws(TarError) {
        results = try TarResults(descriptor, path, visit: visit)
      } catch {
        throw .unreadable(error)
      }
    } catch {
      FileLock.release(descriptor)
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
  }

  deinit {
    FileLock.release(descriptor)
    close(descriptor)
  }

  /// Whether a file begins as tars of folds do.
  static func isOne(_ path: String) -> Bool {
    // Up to the word that tells it from other comments, not to the columns of a version.
    let start = TarRow.beginning.prefix(TarHeader.blockSize + 26)
    return WholeFile.start(of: path, start.count) == Array(start)
  }
}
