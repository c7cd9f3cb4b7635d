// The import of a model that is not in the cache yet, or not any more what its files are.

import Glibc
import Platform
package import Weights

extension CacheFolder {
  /// The reason for an implicit import.
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
    progress: (CopyProgress) -> Void = { _ in }, accepting: (WeightStore) -> Bool = { _ in true }
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

  /// Why `source` would have to be imported; `nil` when its cache file exists and its files have kept size and time.
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
}
