// The import of a model that is not in the cache yet, or not any more what its files are.

import Glibc
package import Weights

extension CacheFolder {
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
    let target = try path(of: source.entryName)
    guard let reason = try reasonToImport(source, target) else { return target }
    do throws(WeightError) {
      try create()
      removeLeftovers()
      willImport(reason)
      try Importer(source, modelName: source.suggestedName, program: program)
        .run(to: target, progress: progress, accepting: accepting)
    } catch .system(_, let call, let code) where call.hasPrefix("create") && [EACCES, EROFS, EPERM].contains(code) {
      throw .readOnlyCache(folder: path, source: source.path, code: code)
    }
    return target
  }

  private func reasonToImport(_ source: ModelSource, _ target: String) throws(WeightError) -> ImportReason? {
    let header: CacheHeader
    do {
      header = try WeightCache.header(of: target)
    } catch .system(_, "open", let code) where code == ENOENT || code == ENOTDIR {
      return .absent
    } catch {
      return .unusable(error)
    }
    let now = try source.fingerprint()
    let same = now.count == header.sources.count && zip(now, header.sources).allSatisfy { $0.isSame(as: $1) }
    return same ? nil : .changed
  }
}
