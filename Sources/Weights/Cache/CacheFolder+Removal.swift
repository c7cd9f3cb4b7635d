// Taking things out of the cache folder: models by name, and what killed imports have left.

import Glibc

extension CacheFolder {
  /// The unfinished file of an import that has ended without finishing.
  package struct Leftover: Equatable, Sendable {
    /// Its path.
    package let path: String
    /// The bytes that it takes on the disk.
    package let bytes: Int
  }

  /// What killed imports have left in the folder: unfinished files of ours that no process is writing. None where the
  /// file system has no locks, which alone can tell.
  package func leftovers() -> [Leftover] {
    PartFile.abandoned(in: path, where: Self.isUnfinishedImport).map { name in
      Leftover(path: "\(path)/\(name)", bytes: Self.room("\(path)/\(name)"))
    }
  }

  /// Removes what killed imports have left, of whatever model: 8 GB each would fill a disk soon.
  package func removeLeftovers() {
    for leftover in leftovers() { PartFile.removeAbandoned(leftover.path) }
  }

  /// Whether this is what `PartFile` calls the unfinished file of a model: `.NAME.h5.part-PID` or `.NAME.h5.part-PID-N`.
  private static func isUnfinishedImport(_ name: String) -> Bool {
    guard name.hasPrefix("."), let mark = name.firstRange(of: ".h5.part-") else { return false }
    let numbers = name[mark.upperBound...].split(separator: "-", omittingEmptySubsequences: false)
    return isModelName(String(name[..<mark.lowerBound].dropFirst()))
      && numbers.count <= 2 && numbers.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
  }

  /// What has been removed.
  package struct Removal: Equatable, Sendable {
    /// The file that is gone.
    package let path: String
    /// Bytes on the disk that are free now, unless a process still has the model open.
    package let bytes: Int
    /// What the removed link pointed to, if it was one: that is as it was.
    package let target: String?
  }

  /// Removes the model `name`, and what killed imports of it have left.
  ///
  /// Only a file of the folder itself goes, and only one in our format, finished or damaged; of a link, the link.
  ///
  /// - Throws: `WeightError.missing` when there is none, `.notRemovable` when it is something else.
  package func remove(_ name: String) throws(WeightError) -> Removal {
    guard Self.isModelName(name) else { throw .missing(tensor: name, path: path) }
    let file = try path(of: name)
    var status = stat()
    guard lstat(file, &status) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { throw .missing(tensor: name, path: path) }
      throw .system(path: file, call: "stat", code: errno)
    }
    var target: String?
    var bytes = 0
    switch status.st_mode & S_IFMT {
    case S_IFLNK:
      target = Self.linkTarget(file)
    case S_IFREG:
      if let foreign = Self.foreign(file) { throw .notRemovable(name: name, found: foreign) }
      // Another name of the same file keeps its bytes.
      bytes = status.st_nlink > 1 ? 0 : Self.room(file)
    default:
      throw .notRemovable(name: name, found: "a folder or another thing that is no file")
    }
    guard unlink(file) == 0 else { throw .system(path: file, call: "remove", code: errno) }
    let prefix = PartFile.prefix(for: file.lastComponent)
    for leftover in leftovers() where leftover.path.lastComponent.hasPrefix(prefix) {
      if PartFile.removeAbandoned(leftover.path) { bytes += leftover.bytes }
    }
    return Removal(path: file, bytes: bytes, target: target)
  }

  /// What a file is that is none of ours; `nil` for a model, be it unfinished, damaged or of another version.
  private static func foreign(_ file: String) -> String? {
    do {
      _ = try WeightCache.header(of: file)
      return nil
    } catch .notACache(_, let found) {
      return found
    } catch {
      return nil
    }
  }

  private static func linkTarget(_ link: String) -> String {
    var text = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(link, &text, text.count)
    return String(decoding: text.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The bytes that a file takes on the disk.
  private static func room(_ file: String) -> Int {
    var status = stat()
    guard lstat(file, &status) == 0 else { return 0 }
    return Int(clamping: Int64(status.st_blocks)).multipliedReportingOverflow(by: 512).partialValue
  }
}
