// The folder of imported models: where it is, what is in it, and the import of a model that is not in it yet.

import Glibc
import Platform

/// The folder that holds one cache file for each model, `NAME.h5`.
package struct CacheFolder: Equatable, Sendable {
  /// Its path. It need not exist.
  package let path: String

  /// The folder at `path`.
  package init(path: String) {
    self.path = path
  }

  // MARK: Content

  /// One model of the folder.
  package struct Entry: Sendable {
    /// The name to ask for it by.
    package let name: String
    /// Its file.
    package let path: String
    /// The size of the file.
    package let bytes: Int
    /// What it says about its model, or why it cannot be used.
    package let header: Result<CacheHeader, WeightError>
  }

  /// The models of the folder, sorted by name; none if there is no folder.
  package func entries() throws(WeightError) -> [Entry] {
    let names: [String]
    do throws(SystemError) {
      names = try Folder.names(in: path)
    } catch {
      if error.code == ENOENT { return [] }
      throw .system(error)
    }
    var result: [Entry] = []
    for name in names where name.hasSuffix(".h5") && !name.hasPrefix(".") {
      let file = "\(path)/\(name)"
      let header = Result { () throws(WeightError) in try WeightCache.header(of: file) }
      result.append(
        Entry(name: String(name.dropLast(3)), path: file, bytes: FileStatus.sizeOfFile(file) ?? 0, header: header))
    }
    return result.sorted { $0.name < $1.name }
  }

  /// The path that the model `name` has or would have. Throws if this cannot be a name.
  package func path(of name: String) throws(WeightError) -> String {
    guard ModelSource.isModelName(name) else { throw .modelName(name) }
    return "\(path)/\(name).h5"
  }

  /// Whether the model `name` is in the folder.
  package func contains(_ name: String) -> Bool {
    (try? path(of: name))?.exists ?? false
  }

  // MARK: Import

  /// Why a model is imported that was named by its source.
  package enum ImportReason: Equatable, Sendable {
    /// It is not in the cache yet.
    case absent
    /// Its files have changed since.
    case changed
    /// The file in the cache cannot be used.
    case unusable(WeightError)
  }

  /// The path of the cache file of `source`, imported now unless it was before and its files have kept size and time.
  /// `accepting` decides about a finished import, see `Importer.run`; `willImport` is told once, before it begins.
  package func imported(
    _ source: ModelSource, program: String, willImport: (ImportReason) -> Void = { _ in },
    progress: (ImportProgress) -> Void = { _ in }, accepting: (WeightStore) -> Bool = { _ in true }
  ) throws(WeightError) -> String {
    let target = try path(ofImported: source)
    guard let reason = try importReason(of: source) else { return target }
    do throws(WeightError) {
      try create()
      removeLeftovers()
      willImport(reason)
      try Importer(source, modelName: source.suggestedName, program: program)
        .run(to: target, progress: progress, accepting: accepting)
    } catch .system(let error) where error.action.hasPrefix("create") && error.isForbidden {
      throw .readOnlyCache(folder: path, source: source.path, code: error.code)
    }
    return target
  }

  /// The path that the cache file of `source` has or would have.
  package func path(ofImported source: ModelSource) throws(WeightError) -> String { try path(of: source.entryName) }

  /// Why `source` would have to be imported; `nil` when its cache file is there and its files have kept size and time.
  package func importReason(of source: ModelSource) throws(WeightError) -> ImportReason? {
    let target = try path(ofImported: source)
    let header: CacheHeader
    do {
      header = try WeightCache.header(of: target)
    } catch .system(let error) where error.action == "open" && [ENOENT, ENOTDIR].contains(error.code) {
      return .absent
    } catch {
      return .unusable(error)
    }
    let now = try source.fingerprint()
    let same = now.count == header.sources.count && zip(now, header.sources).allSatisfy { $0.isSame(as: $1) }
    return same ? nil : .changed
  }

  /// Creates the folder and those above it, if it is not there.
  package func create() throws(WeightError) {
    do throws(SystemError) {
      try Folder.create(path)
    } catch {
      throw .system(error.renamed(path: path))
    }
  }
}
