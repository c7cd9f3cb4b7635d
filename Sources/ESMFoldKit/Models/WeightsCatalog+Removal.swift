// Removal of models from the cache, and leftovers of killed imports.

import Weights

extension WeightsCatalog {
  /// What has been removed.
  public struct Removal: Sendable {
    /// The file that is gone.
    public let path: String
    /// Bytes on the disk that were freed, unless a process still has the model open.
    public let bytes: Int
    /// The target of the removed link, if it was one; the target is kept.
    public let target: String?
  }

  /// Removes a model from the cache. Nothing outside its folder is touched, and no file that is not a model's.
  ///
  /// - Parameter name: The model's name in the cache.
  /// - Returns: What is gone.
  /// - Throws: `ModelError.notInCache`, or another when it is not a model's file or cannot be removed.
  public func remove(_ name: String) throws(ModelError) -> Removal {
    do throws(WeightError) {
      let removal = try folder.remove(name)
      return Removal(path: removal.path, bytes: removal.bytes, target: removal.target)
    } catch .missing {
      throw .notInCache(name: name, cacheFolder: folder.path)
    } catch {
      throw .weights(error)
    }
  }

  /// The unfinished file of an import that was killed; the next import removes it.
  public struct Leftover: Sendable {
    /// Its path.
    public let path: String
    /// The bytes that it takes on the disk.
    public let bytes: Int
  }

  /// Leftovers of killed imports in the cache.
  public func leftovers() -> [Leftover] { folder.leftovers().map { Leftover(path: $0.path, bytes: $0.bytes) } }
}
