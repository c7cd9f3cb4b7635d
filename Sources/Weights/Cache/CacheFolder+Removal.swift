// Removal from the cache folder: models by name, and leftovers of killed imports.

import Glibc
import Platform

extension CacheFolder {
  /// The unfinished file of an import that has ended without finishing.
  package struct Leftover: Equatable, Sendable {
    /// Its path.
    package let path: String
    /// The bytes that it takes on the disk.
    package let bytes: Int
  }

  /// Leftovers of killed imports: unfinished files that no process is writing. None on a file system without locks,
  /// where this cannot be known.
  package func leftovers() -> [Leftover] {
    UnfinishedFile.abandoned(in: path, where: Self.isModelFile).map { name in
      Leftover(path: "\(path)/\(name)", bytes: Self.allocatedBytes("\(path)/\(name)"))
    }
  }

  /// Removes leftovers of killed imports of all models: at 8 GB each they would soon fill a disk.
  package func removeLeftovers() {
    for leftover in leftovers() { UnfinishedFile.removeAbandoned(leftover.path) }
  }

  /// Whether this is the name of a file that the folder could hold as a model.
  private static func isModelFile(_ name: String) -> Bool {
    name.hasSuffix(".h5") && isModelName(String(name.dropLast(3)))
  }

  /// What has been removed.
  package struct Removal: Equatable, Sendable {
    /// The file that is gone.
    package let path: String
    /// Bytes on the disk that were freed, unless a process still has the model open.
    package let bytes: Int
    /// The target of the removed link, if it was one; the target is kept.
    package let target: String?
  }

  /// Removes the model `name`, and leftovers of killed imports of it.
  ///
  /// Only a file of the folder itself is removed, and only one in our format, finished or damaged; of a link, the link.
  ///
  /// - Throws: `WeightError.missing` when there is none, `.notRemovable` when it is something else.
  package func remove(_ name: String) throws(WeightError) -> Removal {
    guard Self.isModelName(name) else { throw .missing(tensor: name, path: path) }
    let file = try path(of: name)
    let status: FileStatus
    do throws(SystemError) {
      status = try FileStatus(of: file, followsLink: false)
    } catch {
      if error.code == ENOENT || error.code == ENOTDIR { throw .missing(tensor: name, path: path) }
      throw .system(error)
    }
    var target: String?
    var bytes = 0
    switch status.kind {
    case .link:
      target = Self.linkTarget(file)
    case .file:
      if let foreign = Self.foreign(file) { throw .notRemovable(name: name, found: foreign) }
      // A hard link keeps the bytes.
      bytes = status.names > 1 ? 0 : status.allocatedBytes
    default:
      throw .notRemovable(name: name, found: "a folder or another thing that is no file")
    }
    guard unlink(file) == 0 else { throw .system(path: file, action: "remove", code: errno) }
    let own = file.lastComponent
    for leftover in leftovers() where UnfinishedFile.target(ofTemporary: leftover.path.lastComponent) == own {
      if UnfinishedFile.removeAbandoned(leftover.path) { bytes += leftover.bytes }
    }
    return Removal(path: file, bytes: bytes, target: target)
  }

  /// What a file is instead of a model; `nil` for a model, even if unfinished, damaged or of another version.
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
  private static func allocatedBytes(_ file: String) -> Int {
    (try? FileStatus(of: file, followsLink: false))?.allocatedBytes ?? 0
  }
}
